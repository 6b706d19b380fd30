"""Compares the measurements with the goals: plain arithmetic."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

MEGABYTE = 1024 * 1024
SEALED = 1024
TIMES = "times"
UNEVEN = 0.15
"""The middle three fifths of a bare client's turns may differ by this share of their median."""


@dataclass(frozen=True, kw_only=True)
class Goal:
    """One line of the table.

    Args:
        measured, limit: the values, in the same unit.
        least: True if more is better.
        detail: the numbers behind the figure.
        doubt: why the machine was too busy to tell; empty if it was not.
    """

    name: str
    measured: float
    limit: float
    unit: str
    least: bool = False
    detail: str = ""
    doubt: str = ""

    @property
    def met(self) -> bool:
        """Tell whether the goal is met; a failed measurement does not meet it."""
        return self.measured >= self.limit if self.least else self.measured <= self.limit

    @property
    def verdict(self) -> str:
        """Return the result in a word."""
        if self.met:
            return "ok"
        return "UNSURE" if self.doubt else "FAIL"


@dataclass(frozen=True, kw_only=True)
class Turn:
    """The throughput of many clients that reset at once, one way after the other.

    Args:
        bare, road, web: resets a second, by an LDAP client, without HTTP, and by the pages in some turns.
        notices: seconds from the last answer until the last notice of the road's resets was sent.
    """

    bare: float
    road: float
    notices: float
    web: float | None = None


@dataclass(frozen=True, kw_only=True)
class Measured:
    """All measurements of a run.

    Args:
        bare, road, web: seconds of single resets: an LDAP client alone, without HTTP, and from the post of
            the new password to the final page.
        turns: the same with many clients at once.
        errors: how many of those did not end with a new password.
        sealed: sizes in bytes of the sealed jobs.
        pages: response times in seconds, by path.
        first_page: bytes over the wire of the first page with everything that it loads.
        worker, portal: bytes in memory after the load.
        junk: seconds to refuse a malformed package, for each kind of it.
        lab_start: seconds that the lab's forest took to start from existing databases.
    """

    bare: Sequence[float]
    road: Sequence[float]
    web: Sequence[float]
    turns: Sequence[Turn]
    errors: int
    sealed: Sequence[int]
    pages: Mapping[str, Sequence[float]]
    first_page: int
    worker: int
    portal: int
    junk: Sequence[float]
    lab_start: float


def goals_of(found: Measured) -> list[Goal]:
    """Compare the figures with the goals."""
    bare, road, web = (median(times) * 1000 for times in (found.bare, found.road, found.web))
    slowest = max(found.pages, key=lambda path: percentile(found.pages[path], 0.95))
    of_bare = f"of a bare reset in {bare:.1f} ms"
    return [
        Goal(
            name="road without HTTP",
            measured=road / bare,
            limit=1.4,
            unit=TIMES,
            detail=f"{road:.1f} ms, {of_bare}",
        ),
        Goal(
            name="post → final page",
            measured=web / bare,
            limit=1.8,
            unit=TIMES,
            detail=f"{web:.1f} ms, {of_bare}",
        ),
        Goal(name="errors, 32 at once", measured=found.errors, limit=0, unit=""),
        Goal(
            name="throughput, 32 at once",
            # Turn by turn, since a shared host changes its speed within a minute.
            measured=median(turn.road / turn.bare for turn in found.turns),
            limit=0.9,
            unit=TIMES,
            least=True,
            detail=_crowds(found.turns),
            doubt=_doubt(found.turns),
        ),
        Goal(name="sealed job", measured=max(found.sealed), limit=SEALED, unit="B"),
        Goal(
            name="pages, 95 of 100 within",
            measured=percentile(found.pages[slowest], 0.95) * 1000,
            limit=40,
            unit="ms",
            detail=f"the slowest of {len(found.pages)} is {slowest}",
        ),
        Goal(name="first page, all of it", measured=found.first_page / 1024, limit=60, unit="KB"),
        Goal(name="worker, resident", measured=found.worker / MEGABYTE, limit=120, unit="MB"),
        Goal(name="portal, resident", measured=found.portal / MEGABYTE, limit=150, unit="MB"),
        Goal(name="junk refused", measured=max(found.junk) * 1000, limit=1, unit="ms"),
        Goal(name="lab, warm start", measured=found.lab_start, limit=10, unit="s"),
    ]


def _doubt(turns: Sequence[Turn]) -> str:
    """Return that the machine was too busy to tell, if the bare client alone was too uneven."""
    rates = [turn.bare for turn in turns]
    low, high = percentile(rates, 0.2), percentile(rates, 0.8)
    if high - low <= UNEVEN * median(rates):
        return ""
    return f"the machine was too busy to tell: a bare client alone reached {low:.1f} to {high:.1f} a second"


def _crowds(turns: Sequence[Turn]) -> str:
    bare, road = median(turn.bare for turn in turns), median(turn.road for turn in turns)
    pages = median(turn.web / turn.bare for turn in turns if turn.web)
    notices = median(turn.notices for turn in turns)
    return (
        f"{road:.1f} a second, bare {bare:.1f}; notices out {notices:.1f} s later; by pages {pages:.2f} times"
    )


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that this share of all values does not exceed.

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("nothing was measured")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def table(goals: Sequence[Goal]) -> str:
    """Return the goals as lines of text."""
    rows = [("goal", "measured", "wanted", "", "")]
    rows += [
        (
            goal.name,
            _figure(goal.measured, goal.unit),
            _format_limit(goal),
            goal.verdict,
            "; ".join(filter(None, (goal.detail, goal.doubt))),
        )
        for goal in goals
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(_line(row, widths) for row in rows)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    name, measured, wanted, verdict, detail = row
    numbers = f"{measured:>{widths[1]}}  {wanted:>{widths[2]}}"
    return f"{name:<{widths[0]}}  {numbers}  {verdict:<{widths[3]}}  {detail}".rstrip()


def _format_limit(goal: Goal) -> str:
    return f"{'≥' if goal.least else '≤'} {goal.limit:g} {goal.unit}".rstrip()


def _figure(value: float, unit: str) -> str:
    return f"{value:.2f} {unit}" if unit == TIMES else f"{value:.4g} {unit}".rstrip()
