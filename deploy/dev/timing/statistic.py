"""Two sets of samples, compared by the order of their values: plain arithmetic."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """How far two sets of samples differ.

    Args:
        auc: how often a value of the first set is greater than one of the second; equal ones count half.
        p: how likely sets of one origin differ so far, by the test of Mann and Whitney on both sides.
        later: the median of the first less that of the second, in the samples' unit.
    """

    auc: float
    p: float
    later: float

    @property
    def effect(self) -> float:
        """How far the order is from that of chance, from 0 to 0.5."""
        return abs(self.auc - 0.5)


def compare(first: Sequence[float], second: Sequence[float]) -> Comparison:
    """Compare two sets by ranks: a few values that are far out weigh no more than others.

    Source: H. B. Mann, D. R. Whitney, "On a Test of Whether one of Two Random Variables is Stochastically
    Larger than the Other" (1947), by the normal distribution and with the correction for equal values.

    Raises:
        ValueError: one of them is empty.
    """
    if not first or not second:
        raise ValueError("nothing was measured")
    those, these, together = len(second), len(first), len(first) + len(second)
    ranks, ties = _ranks([*first, *second])
    wins = sum(ranks[:these]) - these * (these + 1) / 2
    spread = math.sqrt(these * those / 12 * (together + 1 - ties / (together * (together - 1))))
    far = abs(wins - these * those / 2) / spread if spread else 0.0
    return Comparison(
        auc=wins / (these * those),
        p=math.erfc(far / math.sqrt(2)),
        later=median(first) - median(second),
    )


def _ranks(values: Sequence[float]) -> tuple[list[float], int]:
    """Return the rank of each value, equal ones sharing theirs, and the sum of t³ - t over equal ones."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks, ties, start = [0.0] * len(values), 0, 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for place in order[start:end]:
            ranks[place] = (start + 1 + end) / 2
        ties += (end - start) ** 3 - (end - start)
        start = end
    return ranks, ties
