"""The limits that refused passwords use up: an attempt's proofs, and a person's tries within the hour."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, select

from writeback.ceiling import Rate
from writeback.ports import Owner
from writeback.state.rate_counts import Count, room_for, wait_for
from writeback.state.tables import attempts

_REFUSALS = select(attempts.c.refusals).where(attempts.c.id == bindparam("attempt_id"))


def writes_of(rates: Sequence[Rate], *, operation: str, owner: Owner) -> Count:
    """Return the count of a person's writes.

    Anybody can begin a change of somebody else's password: it never counts against reset and unlock.
    """
    kind = "intent:change" if operation == "change" else "intent"
    return Count(subject=f"{kind}:{owner.key}", rates=rates)


def passwords_left(tx: Connection, mine: Count, attempt: bytes, *, most: int, now: float) -> tuple[int, int]:
    """Return how many more passwords may be tried, and if none, the seconds until the next try.

    Args:
        tx: the transaction that has counted the refusal.
        mine: the count of the person's writes, see `writes_of`.
        attempt: its id, 16 bytes.
        most: refused passwords that an attempt allows.
        now: Unix time.
    """
    refusals: int = tx.execute(_REFUSALS, {"attempt_id": attempt}).scalar_one()
    left = min(most - refusals, room_for(tx, mine, now=now))
    return (left, 0) if left > 0 else (0, wait_for(tx, [mine], now=now))
