"""Counting: so many of anything in so many seconds, kept over restarts and shared by all workers."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from writeback.ceiling import Rate
from writeback.state.tables import hits

_ENTER = insert(hits)
_NEWEST_FIRST = (
    select(hits.c.at)
    .where(hits.c.subject == bindparam("whose"), hits.c.at > bindparam("since"))
    .order_by(hits.c.at.desc())
    .offset(bindparam("newer"))
    .limit(1)
)
_SINCE = select(func.count()).where(hits.c.subject == bindparam("whose"), hits.c.at > bindparam("since"))


@dataclass(frozen=True, kw_only=True)
class Count:
    """Something that is counted.

    Args:
        subject: what, and of whom.
        rates: all must hold.
        locks: True closes for a whole window after the hit that was one too many; False for as long as
            the window is full.
    """

    subject: str
    rates: Sequence[Rate]
    locks: bool = False


def take(tx: Connection, counts: Sequence[Count], *, now: float, ticket: bytes) -> int:
    """Count one hit on each, or none at all.

    Args:
        tx: a writing transaction.
        counts: what this is a hit on.
        now: Unix time in seconds.
        ticket: 16 bytes under which these hits can be given back.

    Returns:
        0 if it was counted, else the seconds to wait.
    """
    wait = wait_for(tx, counts, now=now)
    if not wait:
        rows = [{"subject": count.subject, "at": now, "ticket": ticket} for count in counts]
        tx.execute(_ENTER, rows)
    return wait


def add(tx: Connection, subject: str, *, at: float, ticket: bytes) -> None:
    """Count one hit, whatever else there is."""
    tx.execute(_ENTER, {"subject": subject, "at": at, "ticket": ticket})


def count_since(tx: Connection, subject: str, since: float) -> int:
    """Return how many hits a subject has had since that Unix time."""
    return tx.execute(_SINCE, {"whose": subject, "since": since}).scalar_one()


def give_back(tx: Connection, ticket: bytes, *, subject: str = "") -> None:
    """Take back what was counted under a ticket: everything, or only the hit on one subject."""
    mine = (hits.c.ticket == ticket, hits.c.subject == subject) if subject else (hits.c.ticket == ticket,)
    tx.execute(delete(hits).where(*mine))


def wait_for(tx: Connection, counts: Sequence[Count], *, now: float) -> int:
    """Return the seconds until every count has room for one more; 0 if it has."""
    return max((_wait(tx, count, rate, now) for count in counts for rate in count.rates), default=0)


def room_for(tx: Connection, count: Count, *, now: float) -> int:
    """Return how many more hits a count that doesn't lock has room for at this moment."""
    rooms = (rate.count - count_since(tx, count.subject, now - rate.seconds) for rate in count.rates)
    return max(0, min(rooms))


def _wait(tx: Connection, count: Count, rate: Rate, now: float) -> int:
    # Of the newest `rate.count` hits the oldest decides: is it in one window with the newest, or with now?
    since = now - 2 * rate.seconds
    oldest = _nth(tx, count.subject, since, rate.count - 1)
    if oldest is None:
        return 0
    free_at = oldest + rate.seconds
    if count.locks:
        newest = _nth(tx, count.subject, since, 0) or 0.0
        free_at = newest + rate.seconds if newest - oldest < rate.seconds else 0.0
    return max(0, -int(-(free_at - now) // 1)) if free_at > now else 0


def _nth(tx: Connection, subject: str, since: float, newer: int) -> float | None:
    """Return when the hit was that so many newer ones follow, if there are as many."""
    which = {"whose": subject, "since": since, "newer": newer}
    return tx.execute(_NEWEST_FIRST, which).scalar_one_or_none()
