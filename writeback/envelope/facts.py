"""The base class of the facts that an answer may carry besides its outcome."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Facts that an answer carries besides its outcome."""
