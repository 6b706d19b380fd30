"""Counts wrong tries at guessable factors, which rest after some of them: longer each time, a day at most.

Tries are counted for each factor and source separately, so that no source uses up another one's tries. The
limit for a year bounds the guesses even of a patient attacker.
"""

from collections.abc import Collection
from dataclasses import dataclass
from math import ceil
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from writeback.ceiling import DAY
from writeback.proof.context import RegisterContext
from writeback.state import STREAK_LIFE, TRIES_LIFE, Source
from writeback.state.tables import tries

_LONGEST_REST = DAY
_OF = tries.c.whose == bindparam("subject"), tries.c.source == bindparam("by")
_FIND = select(tries).where(*_OF)
_FORGET = delete(tries).where(*_OF)
_ENTER = insert(tries)


@dataclass(frozen=True, kw_only=True)
class Taken:
    """The result of asking for a try.

    Args:
        wait: seconds until a try is free; 0 if one was counted.
        rests_until: if this try is wrong, the factor rests until this Unix time; 0 for no rest.
    """

    wait: int = 0
    rests_until: float = 0.0


def rest_after(in_a_row: int, *, free: int, first: int) -> int:
    """Return how many seconds a factor rests after this many wrong tries in a row.

    Args:
        in_a_row: wrong tries with less than two days between them.
        free: the number of the wrong try that begins the first rest.
        first: seconds of the first rest; each further wrong try doubles it.
    """
    further = in_a_row - free
    return min(_LONGEST_REST, first << min(further, 16)) if further >= 0 else 0


def take_try(tx: Connection, context: RegisterContext, whose: bytes, source: Source) -> Taken:
    """Count a wrong try before the code is looked at, or return how long to wait for a try.

    Args:
        tx: a writing transaction; the workers of a site run those one after another.
        context: time and policy.
        whose: 16 bytes: the id of the factor, or a digest of a typed name and a method.
        source: the source of the try.
    """
    rules, now, key = context.ceiling.attempts, context.now(), {"subject": whose, "by": source}
    row = tx.execute(_FIND, key).one_or_none()
    began, wrong, in_a_row, rests = (
        (row.began, row.wrong, row.in_a_row, row.rests_until) if row else (now, 0, 0, 0)
    )
    if now >= began + TRIES_LIFE:
        began, wrong = now, 0
    if row and now >= row.last + STREAK_LIFE:
        in_a_row = 0
    if wrong >= rules.wrong_a_year and source is not Source.TOLD:
        rests = began + TRIES_LIFE
    if now < rests:
        return Taken(wait=ceil(rests - now))
    rest = rest_after(in_a_row + 1, free=rules.wrong_before_rest, first=rules.first_rest)
    until = now + rest if rest else 0.0
    if wrong + 1 >= rules.wrong_a_year and source is not Source.TOLD:
        until = max(until, began + TRIES_LIFE)
    counted = {
        "began": began,
        "wrong": wrong + 1,
        "in_a_row": in_a_row + 1,
        "last": now,
        "rests_until": until,
    }
    tx.execute(_FORGET, key)
    tx.execute(_ENTER, {"whose": whose, "source": source} | counted)
    return Taken(rests_until=until)


def give_back_try(tx: Connection, whose: bytes, source: Source, taken: Taken) -> None:
    """Take back a try that was right, and the rest that it would have begun."""
    mine = tries.c.whose == whose, tries.c.source == source
    less: dict[str, Any] = {"wrong": tries.c.wrong - 1, "in_a_row": tries.c.in_a_row - 1}
    tx.execute(update(tries).where(*mine, tries.c.in_a_row > 0).values(**less))
    if taken.rests_until:
        tx.execute(
            update(tries).where(*mine, tries.c.rests_until == taken.rests_until).values(rests_until=0.0)
        )


def end_rests(tx: Connection, whose: Collection[bytes]) -> None:
    """End the rests of these factors, since their owner has proven enough; the count for the year stays."""
    rested = update(tries).where(tries.c.whose.in_(whose), tries.c.source != Source.TOLD)
    tx.execute(rested.values(in_a_row=0, rests_until=0.0))
