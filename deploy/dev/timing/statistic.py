"""Compares two sets of samples by the order of their values: plain arithmetic."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The difference between two sets of samples.

    Args:
        auc: how often a value of the first set is greater than one of the second; ties count half.
        p: probability of such a difference by chance, by the two-sided Mann-Whitney test.
        later: the median of the first minus that of the second, in the samples' unit.
    """

    auc: float
    p: float
    later: float

    @property
    def effect(self) -> float:
        """Distance of the order from a random one, from 0 to 0.5."""
        return abs(self.auc - 0.5)


def compare(first: Sequence[float], second: Sequence[float]) -> Comparison:
    """Compare two sets by ranks, so that a few outliers weigh no more than other values.

    Source: H. B. Mann, D. R. Whitney, "On a Test of Whether one of Two Random Variables is Stochastically
    Larger than the Other" (1947), with the normal approximation and the correction for ties.

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
    """Return the rank of each value, shared by ties, and the sum of t³ - t over the ties."""
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
