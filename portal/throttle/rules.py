"""Decides who may still ask, and how long a lock lasts (pure).

A share is counted in cells of a twentieth of its window, so that a share of thousands is a short list. A cell
counts until its last moment has left the window: the limit is never exceeded, and a wait is at most one cell
too long.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from portal.throttle.rates import Rate

CELLS = 20
Cells = Sequence[Sequence[int]]
"""Pairs of a cell's number and the use in it."""

FREE_FAILURES = 5
FIRST_DELAY, LONGEST_DELAY = 30, 15 * 60
FORGOTTEN_AFTER = 24 * 3600


class Scope(StrEnum):
    """The owner of a share, from narrow to wide."""

    BROWSER = "browser"
    ADDRESS = "address"
    NETWORK = "network"
    ALL = "all"


@dataclass(frozen=True, kw_only=True)
class Level:
    """One of the shares that a request needs a part of.

    Args:
        order: position in the locking order, which is the same for every request.
        kind: what is counted, such as "start".
        scope: the kind of owner.
        key: the owner.
        rate: the size of the share.
    """

    order: int
    kind: str
    scope: Scope
    key: str
    rate: Rate


@dataclass(frozen=True, kw_only=True)
class Used:
    """A level and its recent use."""

    level: Level
    cells: Cells


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The decision on a request.

    Args:
        wait: seconds until a retry; 0 if the request is not refused.
        pressure: difficulty, from 0 to 1, of the challenge to solve first; None if there is none.
        at: the level that is used up, if any.
    """

    wait: int = 0
    pressure: float | None = None
    at: Level | None = None

    @property
    def granted(self) -> bool:
        return not self.wait and self.pressure is None


def cell_at(rate: Rate, now: float) -> int:
    """Return the number of the current cell (Unix time)."""
    return int(now * CELLS // rate.seconds)


def count_used(cells: Cells, rate: Rate, now: float) -> int:
    """Return the use within the window; cells in the future count too, since clocks can be set back."""
    oldest = cell_at(rate, now) - CELLS
    return sum(count for cell, count in cells if cell >= oldest)


def add_to_cells(cells: Cells, rate: Rate, now: float, number: int = 1) -> list[list[int]]:
    """Return the cells with `number` more in the current cell, and without expired ones."""
    current = cell_at(rate, now)
    kept = {cell: count for cell, count in cells if cell >= current - CELLS}
    kept[current] = kept.get(current, 0) + number
    return [[cell, count] for cell, count in sorted(kept.items()) if count > 0]


def wait_until_below(cells: Cells, limit: int, rate: Rate, now: float) -> int:
    """Return the seconds until the count falls below the limit; 0 if it is below now."""
    left = count_used(cells, rate, now)
    if left < limit:
        return 0
    current = cell_at(rate, now)
    for cell, count in sorted((min(cell, current), count) for cell, count in cells):
        if cell < current - CELLS:
            continue
        left -= count
        if left < limit:
            return max(1, math.ceil((cell + 1) * rate.seconds / CELLS + rate.seconds - now))
    return rate.seconds


def limit_for(level: Level, *, known: bool) -> int:
    """Return how much of a level somebody may use: strangers leave the last quarter to known browsers."""
    if known or level.scope is Scope.BROWSER:
        return level.rate.limit
    return max(1, level.rate.limit * 3 // 4)


def judge(there: Sequence[Used], *, known: bool, proven: bool, now: float) -> Verdict:
    """Decide whether a request gets its part of every level.

    Args:
        there: the levels, narrow before wide.
        known: True if the browser has completed something here before.
        proven: True if it has solved a challenge, or has waited instead.
        now: Unix time.
    """
    for used in there:
        limit = limit_for(used.level, known=known)
        wait = wait_until_below(used.cells, limit, used.level.rate, now)
        if wait:
            return Verdict(wait=wait, at=used.level)
    pressure = pressure_on(there, now)
    if pressure is None or known or proven:
        return Verdict()
    return Verdict(pressure=pressure)


def pressure_on(there: Sequence[Used], now: float) -> float | None:
    """Return how far, from 0 to 1, the fullest level is above one half; None if none is."""
    fills = [
        count_used(used.cells, used.level.rate, now) / used.level.rate.limit
        for used in there
        if used.level.scope is not Scope.BROWSER
    ]
    fullest = max(fills, default=0.0)
    return min(1.0, (fullest - 0.5) * 4) if fullest >= 0.5 else None


def delay_after(failures: int) -> int:
    """Return for how many seconds so many failures lock an account: doubling, at most 15 minutes.

    Source: OWASP, "Slow Down Online Guessing Attacks with Device Cookies"; NIST SP 800-63B-4 §3.2.2.
    """
    if failures < FREE_FAILURES:
        return 0
    return min(LONGEST_DELAY, FIRST_DELAY << min(failures - FREE_FAILURES, 16))


def seconds_locked(failures: int, last: float, now: float) -> int:
    """Return the seconds that a lock still lasts.

    Args:
        failures: failures in a row.
        last: Unix time of the last of them.
        now: Unix time.
    """
    delay = 0 if is_forgotten(last, now) else delay_after(failures)
    return max(0, min(delay, math.ceil(last + delay - now)))


def is_forgotten(last: float, now: float) -> bool:
    """Tell whether the last failure is so old that counting starts again."""
    return now - last >= FORGOTTEN_AFTER
