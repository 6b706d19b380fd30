"""Rate limits: counts that survive restarts and that all workers share."""

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
    """A counted subject and its limits.

    Args:
        subject: what is counted, and for whom.
        rates: the limits, which must all hold.
        locks: True closes for a whole window after the hit that was one too many; False closes only while
            the window is full.
    """

    subject: str
    rates: Sequence[Rate]
    locks: bool = False


def take(tx: Connection, counts: Sequence[Count], *, now: float, ticket: bytes) -> int:
    """Count one hit on each, or none at all.

    Args:
        tx: a writing transaction.
        counts: the counts to hit.
        now: Unix time in seconds.
        ticket: 16 bytes by which these hits can be taken back.

    Returns:
        0 if it was counted, else the seconds to wait.
    """
    wait = wait_for(tx, counts, now=now)
    if not wait:
        rows = [{"subject": count.subject, "at": now, "ticket": ticket} for count in counts]
        tx.execute(_ENTER, rows)
    return wait


def add(tx: Connection, subject: str, *, at: float, ticket: bytes) -> None:
    """Count one hit without checking any limit."""
    tx.execute(_ENTER, {"subject": subject, "at": at, "ticket": ticket})


def count_since(tx: Connection, subject: str, since: float) -> int:
    """Return how many hits a subject has had since that Unix time."""
    return tx.execute(_SINCE, {"whose": subject, "since": since}).scalar_one()


def give_back(tx: Connection, ticket: bytes, *, subject: str = "") -> None:
    """Take back all hits of a ticket, or only its hit on one subject."""
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
    # The oldest of the newest `rate.count` hits decides: is it in one window with the newest, or with now?
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
    """Return the time of the hit that `newer` hits follow; None if there are fewer."""
    which = {"whose": subject, "since": since, "newer": newer}
    return tx.execute(_NEWEST_FIRST, which).scalar_one_or_none()
