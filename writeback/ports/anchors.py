"""The site's record of where the portal's audit ended."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Head:
    """The end of a portal's audit.

    Args:
        number: number of its last event; 0 for an empty audit.
        hash: hash of that event, 32 bytes; empty for an empty audit.
    """

    number: int = 0
    hash: bytes = b""


@dataclass(frozen=True, kw_only=True)
class Anchor:
    """A head that the site has kept, and the Unix time of that in whole seconds."""

    head: Head
    at: int


class Fit(StrEnum):
    """Whether a new head continues the kept one."""

    KEPT = "kept"
    STALE = "stale"  # another head was kept after the portal had asked for it
    BROKEN = "broken"  # the portal's audit is not the one that the site has seen


@dataclass(frozen=True, kw_only=True)
class Advance:
    """The result of showing a head to the site.

    Args:
        fit: whether the head continues the kept one.
        anchor: the anchor that is kept now; None if no head was ever shown.
        is_new: True if this call has kept it; of several calls with one head, only one gets True.
    """

    fit: Fit
    anchor: Anchor | None
    is_new: bool = False


class Anchors(Protocol):
    """Keeps the newest head of the portal's audit. Every method may raise StateAway."""

    def last(self) -> Anchor | None:
        """Return the newest head that was kept."""
        ...

    def advance(self, head: Head, *, since: Head) -> Advance:
        """Keep a newer head, and return what is kept then; both in one transaction.

        Args:
            head: the end of the portal's audit now.
            since: the event that the portal now has under the number of the kept head.
        """
        ...
