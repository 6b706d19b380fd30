"""The arithmetic of `make timing`: it finds a leak of some milliseconds, and nothing if there is none."""

import random
from collections.abc import Callable, Mapping

import pytest

from deploy.dev.timing.kinds import Kind
from deploy.dev.timing.statistic import compare
from deploy.dev.timing.verdict import Sample, Step, faults, is_leak, table

FLOOR = 0.25
Seconds = Callable[[random.Random], float]
NOBODY: Mapping[Kind, Seconds] = {}


def busy(chance: random.Random) -> float:
    """Return the time of an answer behind the floor; now and then the machine does something else."""
    return FLOOR + chance.gammavariate(4, 0.002) + (0.1 if chance.random() < 0.05 else 0)


def leaking(chance: random.Random) -> float:
    return busy(chance) + 0.005


def step(unusual: Mapping[Kind, Seconds] = NOBODY, *, count: int = 200, seed: int = 1) -> Step:
    """Return a step with so many answers for each kind; `unusual` names those with other times."""
    made, chance = Step("name typed"), random.Random(seed)  # noqa: S311  # no secret
    for kind in Kind:
        for _ in range(count):
            made.add(kind, Sample(seconds=unusual.get(kind, busy)(chance), shape="200\nAway"))
    return made


def test_equal_values_count_half_in_the_order_of_two_sets() -> None:
    assert compare([2, 3, 4], [1, 2, 3]).auc == pytest.approx(7 / 9)
    assert compare([1, 1], [1, 1]).auc == 0.5
    assert compare([5, 6], [1, 2]).auc == 1


def test_the_probability_is_that_of_mann_and_whitney() -> None:
    # By hand: U = 15 of 16, mean 8, variance 4 * 4 * 9 / 12 = 12, z = 2.0207.
    assert compare([3, 5, 7, 9], [1, 2, 3.5, 2.5]).p == pytest.approx(0.0433, abs=1e-4)
    assert compare([1, 1], [1, 1]).p == 1


def test_comparing_no_samples_is_an_error() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        compare([], [1.0])


@pytest.mark.parametrize("seed", range(5))
def test_kinds_with_equal_times_report_no_difference(seed: int) -> None:
    assert faults([step(seed=seed)]) == []


@pytest.mark.parametrize("kind", [Kind.REGISTERED, Kind.UNKNOWN, Kind.LOCKED])
def test_five_milliseconds_more_for_one_kind_are_reported(kind: Kind) -> None:
    found = faults([step({kind: leaking})])
    assert len(found) == len(Kind) - 1
    assert all(kind in sentence for sentence in found)
    assert all("can be told apart by time" in sentence for sentence in found)


def test_only_a_large_and_significant_difference_is_a_leak() -> None:
    assert is_leak(compare([2.0] * 50, [1.0] * 50), pairs=100)
    small = compare([float(each + 500) for each in range(9000)], [float(each) for each in range(9000)])
    assert small.p < 1e-9
    assert not is_leak(small, pairs=1)
    assert not is_leak(compare([2.0, 2.1], [1.0, 1.1]), pairs=100)


@pytest.mark.parametrize("shape", ["429\nAway", "200\nAway\nX-Found: yes", "200\nAway\nHello"])
def test_a_different_answer_is_reported_whatever_its_time(shape: str) -> None:
    made = step(count=3)
    made.add(Kind.DISABLED, Sample(seconds=FLOOR, shape=shape))
    found = faults([made])
    assert len(found) == 1
    assert "disabled and unknown get different answers" in found[0]
    assert shape.splitlines()[-1] in found[0] or shape.splitlines()[0] in found[0]


def test_the_table_has_a_line_for_each_kind_at_each_step() -> None:
    lines = table([step(count=5), step(count=5)]).splitlines()
    assert len(lines) == 1 + 2 * len(Kind)
    figures: Mapping[str, str] = {
        kind: next(line for line in lines if f"  {kind}  " in line) for kind in Kind
    }
    assert "0.50" in figures[Kind.UNKNOWN]
    assert " 5 " in figures[Kind.REGISTERED]
