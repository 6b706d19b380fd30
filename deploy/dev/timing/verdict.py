"""The verdict on the samples of each kind of people at each step."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from statistics import median

from deploy.dev.bench.goals import percentile
from deploy.dev.timing.kinds import Kind
from deploy.dev.timing.statistic import Comparison, compare

EFFECT = 0.12
"""The greatest allowed distance of two kinds' order from a random one. At 0.62 a stranger would have to ask
some thirty times about a name, and about an unused one, to be right nineteen times in twenty; the limits
give one name five codes an hour and fifteen tries a day. It is also about the least that 200 samples can
tell from chance while so many pairs are compared."""
CHANCE = 0.01
"""Allowed probability that a run finds a difference by chance, over all pairs of all steps (Bonferroni)."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One answer of the portal.

    Args:
        seconds: time from the request to the end of the answer.
        shape: its status, headers and body, without the parts that differ between two answers to one person.
    """

    seconds: float
    shape: str


@dataclass
class Step:
    """All answers of one step before proof, by kind of people."""

    name: str
    samples: dict[Kind, list[Sample]] = field(default_factory=dict)

    def add(self, kind: Kind, sample: Sample) -> None:
        """Add one answer."""
        self.samples.setdefault(kind, []).append(sample)

    def times(self, kind: Kind) -> list[float]:
        """Return the seconds of all answers about a kind."""
        return [sample.seconds for sample in self.samples[kind]]

    def pairs(self) -> Iterator[tuple[Kind, Kind, Comparison]]:
        """Yield each pair of kinds with the comparison of their times."""
        for one, other in combinations(self.samples, 2):
            yield one, other, compare(self.times(one), self.times(other))

    def shapes(self, kind: Kind) -> frozenset[str]:
        """Return all shapes of the answers about a kind."""
        return frozenset(sample.shape for sample in self.samples[kind])


def faults(steps: Sequence[Step]) -> list[str]:
    """Return a sentence for each difference that a stranger could use."""
    pairs = [(step, *pair) for step in steps for pair in step.pairs()]
    found = [
        f"{step.name}: {one} and {other} can be told apart by time "
        f"(AUC {told.auc:.2f}, p {told.p:.1g}, {told.later * 1000:+.1f} ms)"
        for step, one, other, told in pairs
        if is_leak(told, pairs=len(pairs))
    ]
    return found + [
        f"{step.name}: {kind} and {Kind.UNKNOWN} get different answers:\n{_difference(step, kind)}"
        for step in steps
        for kind in step.samples
        if step.shapes(kind) != step.shapes(Kind.UNKNOWN)
    ]


def is_leak(told: Comparison, *, pairs: int) -> bool:
    """Tell whether a difference is not due to chance, and large enough to be useful.

    Args:
        told: the comparison of two kinds.
        pairs: how many pairs are compared in all.
    """
    return told.effect > EFFECT and told.p < CHANCE / pairs


def table(steps: Sequence[Step]) -> str:
    """Return a line for each kind at each step."""
    rows: list[tuple[str, ...]] = [
        ("step", "kind", "n", "median", "p95", "AUC", "difference", "farthest from")
    ]
    rows += [row for step in steps for row in _rows(step)]
    widths = [max(len(row[column]) for row in rows) for column in range(8)]
    return "\n".join(_line(row, widths) for row in rows)


def _rows(step: Step) -> Iterator[tuple[str, ...]]:
    pairs = list(step.pairs())
    for kind in step.samples:
        times, told = step.times(kind), compare(step.times(kind), step.times(Kind.UNKNOWN))
        farthest = max((pair for pair in pairs if kind in pair[:2]), key=lambda pair: pair[2].effect)
        other = farthest[1] if farthest[0] is kind else farthest[0]
        yield (
            step.name,
            kind,
            str(len(times)),
            f"{median(times) * 1000:.1f} ms",
            f"{percentile(times, 0.95) * 1000:.1f} ms",
            f"{told.auc:.2f}",
            f"{told.later * 1000:+.2f} ms",
            f"{other} by {farthest[2].effect:.2f}",
        )


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    words = [f"{word:<{width}}" for word, width in zip(row[:2], widths[:2], strict=True)]
    figures = [f"{word:>{width}}" for word, width in zip(row[2:7], widths[2:7], strict=True)]
    return "  ".join([*words, *figures, row[7]])


def _difference(step: Step, kind: Kind) -> str:
    """Return the lines that only one side has."""
    lines = [
        {line for shape in step.shapes(each) for line in shape.splitlines()} for each in (kind, Kind.UNKNOWN)
    ]
    told = [f"  {kind}: {line}" for line in sorted(lines[0] - lines[1])]
    return "\n".join(told + [f"  {Kind.UNKNOWN}: {line}" for line in sorted(lines[1] - lines[0])])
