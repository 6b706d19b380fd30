"""Faults that keep people out and that only administrators can fix, shared by all workers of a site."""

import os

from sqlalchemy import func, select

from writeback.ceiling import HOUR, MINUTE, Rate
from writeback.ports import Clock
from writeback.state.rate_counts import Count, take
from writeback.state.store import State
from writeback.state.tables import hits

UNREADABLE, CLOSED, BROKEN_AUDIT = "unreadable", "closed", "portal-audit"
WORRYING = (Rate(count=1, seconds=HOUR),)
"""The people on call need at most one note in an hour."""

_ONCE = (Rate(count=1, seconds=30 * MINUTE),)
_IN_ALL = (Rate(count=50, seconds=30 * MINUTE),)


class Worries:
    """Recent faults, counted in the state; names that strangers type can't fill it."""

    def __init__(self, state: State, clock: Clock) -> None:
        self._state, self._clock = state, clock

    def note_unreadable(self, account: str) -> None:
        """Note that an account can't be judged.

        Args:
            account: objectGUID in hex.

        Raises:
            StateAway: it could not be noted.
        """
        self._note(Count(subject=f"{UNREADABLE}:{account}", rates=_ONCE), UNREADABLE, _IN_ALL)

    def note_closed(self, directory: str) -> None:
        """Note that nobody of a directory can be judged.

        Raises:
            StateAway: it could not be noted.
        """
        self._note(Count(subject=f"{CLOSED}:{directory}", rates=_ONCE), CLOSED, _IN_ALL)

    def note_broken_audit(self) -> None:
        """Note that the portal's audit doesn't continue what this site has seen of it.

        Raises:
            StateAway: it could not be noted.
        """
        self._note(Count(subject=f"{BROKEN_AUDIT}:seen", rates=_ONCE), BROKEN_AUDIT, _IN_ALL)

    def unreadable(self) -> int:
        """Return how many accounts could not be judged within the last hour.

        Raises:
            StateAway: the count can't be read.
        """
        seen = (hits.c.subject.startswith(f"{UNREADABLE}:"), hits.c.at > self._clock.now() - HOUR)
        with self._state.reading() as tx:
            return tx.execute(select(func.count(hits.c.subject.distinct())).where(*seen)).scalar_one()

    def _note(self, once: Count, subject: str, rates: tuple[Rate, ...]) -> None:
        counts = [once, Count(subject=subject, rates=rates)]
        with self._state.writing() as tx:
            take(tx, counts, now=self._clock.now(), ticket=os.urandom(16))
