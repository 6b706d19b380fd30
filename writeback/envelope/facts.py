"""The root of everything that an answer may tell besides its outcome."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What an answer tells besides its outcome."""
