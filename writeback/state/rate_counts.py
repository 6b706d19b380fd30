"""Rate limits: counts that survive restarts and that all workers share."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, func, insert, select

from writeback.ceiling import Rate
from writeback.state.tables import hits

_ENTER = insert(hits)
_WINDOWS = 2
"""How many windows of a rate are looked at: a count that locks does so for a whole one after its last hit."""
_NEWEST = select(func.max(hits.c.at)).where(hits.c.subject == bindparam("whose"))
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
    limits = [(count, rate) for count in counts for rate in count.rates]
    if not limits:
        return 0
    found = tx.execute(_decisive_hits(len(limits)), _places(limits, now)).one()
    return max(
        _wait(tx, count, rate, oldest, now=now) for (count, rate), oldest in zip(limits, found, strict=True)
    )


def room_for(tx: Connection, count: Count, *, now: float) -> int:
    """Return how many more hits a count that doesn't lock has room for at this moment."""
    rooms = (rate.count - count_since(tx, count.subject, now - rate.seconds) for rate in count.rates)
    return max(0, min(rooms))


def _wait(tx: Connection, count: Count, rate: Rate, oldest: float | None, *, now: float) -> int:
    """Return the seconds to wait for one limit, given the time of its decisive hit."""
    if oldest is None:
        return 0
    free_at = oldest + rate.seconds
    if count.locks:
        newest = tx.execute(_NEWEST, {"whose": count.subject}).scalar_one()
        free_at = newest + rate.seconds if newest - oldest < rate.seconds else 0.0
    return max(0, -int(-(free_at - now) // 1)) if free_at > now else 0


@cache
def _decisive_hits(many: int) -> Select[Any]:
    """Return the statement that finds the hit which decides, for so many limits at once.

    It is the oldest of the newest `rate.count` hits: is it in one window with the newest, or with now?
    """
    return select(
        *(
            select(hits.c.at)
            .where(hits.c.subject == bindparam(f"whose{n}"), hits.c.at > bindparam(f"since{n}"))
            .order_by(hits.c.at.desc())
            .offset(bindparam(f"newer{n}"))
            .limit(1)
            .scalar_subquery()
            for n in range(many)
        )
    )


def _places(limits: Sequence[tuple[Count, Rate]], now: float) -> dict[str, str | float]:
    """Return what fills the places of `_decisive_hits`."""
    places: dict[str, str | float] = {}
    for n, (count, rate) in enumerate(limits):
        since = now - _WINDOWS * rate.seconds
        places |= {f"whose{n}": count.subject, f"since{n}": since, f"newer{n}": rate.count - 1}
    return places
