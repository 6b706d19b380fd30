"""The site's memory of how long the portal's audit was."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Head:
    """Where a portal's audit ends.

    Args:
        number: of its last event; 0 for none.
        hash: of that event, 32 bytes; empty for none.
    """

    number: int = 0
    hash: bytes = b""


@dataclass(frozen=True, kw_only=True)
class Anchor:
    """A head that the site has seen, at a Unix time in whole seconds."""

    head: Head
    at: int


class Fit(StrEnum):
    """How a new head goes with the one that was kept."""

    KEPT = "kept"
    STALE = "stale"  # another head was kept since the portal asked for it
    BROKEN = "broken"  # what the portal has now is not what the site has seen


@dataclass(frozen=True, kw_only=True)
class Advance:
    """What came of a head that was shown.

    Args:
        fit: how it goes with the one that was kept.
        anchor: what is kept now; None where no head was ever shown.
        is_new: True if this call has kept it; of those who show one head, a single one hears that.
    """

    fit: Fit
    anchor: Anchor | None
    is_new: bool = False


class Anchors(Protocol):
    """Every method may raise StateAway."""

    def last(self) -> Anchor | None:
        """Return the newest head that was kept."""
        ...

    def advance(self, head: Head, *, since: Head) -> Advance:
        """Keep a newer head, and tell in the same transaction what is kept then.

        Args:
            head: where the portal's audit ends now.
            since: the event that the portal has now under the number of the head that was kept.
        """
        ...
