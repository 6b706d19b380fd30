"""The bench's arithmetic, and that each of its goals can be missed."""

from dataclasses import replace

import pytest

from deploy.dev.bench.goals import MEGABYTE, Measured, Turn, goals_of, percentile, table

GOOD = Measured(
    bare=[0.030, 0.031, 0.032],
    road=[0.040, 0.041, 0.042],
    web=[0.050, 0.051, 0.052],
    turns=[
        Turn(bare=30.0, road=30.0, notices=1.0),
        Turn(bare=31.0, road=30.0, notices=1.0, web=29.0),
        Turn(bare=32.0, road=30.0, notices=1.0),
    ],
    errors=0,
    sealed=[1024, 1024],
    pages={"home": [0.010] * 20, "ways": [0.020] * 20},
    first_page=14_000,
    worker=90 * MEGABYTE,
    portal=130 * MEGABYTE,
    junk=[0.0001, 0.0002],
    lab_start=4.0,
)


def crowds(*rates: tuple[float, float]) -> Measured:
    """Return good figures, except for the rates of a bare client and of the road in each turn."""
    turns = [Turn(bare=bare, road=road, notices=1.0, web=road) for bare, road in rates]
    return replace(GOOD, turns=turns)


def missed(found: Measured) -> list[str]:
    return [f"{goal.name} {goal.unit}".strip() for goal in goals_of(found) if not goal.met]


def test_good_figures_meet_every_goal() -> None:
    assert len(goals_of(GOOD)) == 11
    assert missed(GOOD) == []


@pytest.mark.parametrize(
    ("goal", "found"),
    [
        ("road without HTTP times", replace(GOOD, road=[0.044])),
        ("post → final page times", replace(GOOD, web=[0.056])),
        ("errors, 32 at once", replace(GOOD, errors=1)),
        ("throughput, 32 at once times", crowds((30, 26.9), (31, 27.8), (32, 28.7))),
        ("sealed job B", replace(GOOD, sealed=[1024, 4096])),
        ("pages, 95 of 100 within ms", replace(GOOD, pages={"home": [0.01], "ways": [0.041]})),
        ("first page, all of it KB", replace(GOOD, first_page=61 * 1024)),
        ("worker, resident MB", replace(GOOD, worker=121 * MEGABYTE)),
        ("portal, resident MB", replace(GOOD, portal=151 * MEGABYTE)),
        ("junk refused ms", replace(GOOD, junk=[0.0001, 0.0011])),
        ("lab, warm start s", replace(GOOD, lab_start=10.5)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_goal_can_be_missed_alone(goal: str, found: Measured) -> None:
    assert missed(found) == [goal]


def test_one_slow_reset_among_many_misses_no_goal() -> None:
    assert missed(replace(GOOD, road=[*[0.041] * 9, 5.0])) == []


def test_throughput_is_compared_within_each_turn() -> None:
    # In both cases a comparison of the two medians would give the opposite verdict.
    assert missed(crowds((40, 37), (40, 20), (20, 18.5))) == []
    assert missed(crowds((40, 34), (22, 39), (20, 17))) == ["throughput, 32 at once times"]


@pytest.mark.parametrize(
    ("bare", "verdict"), [((30, 31, 32, 33, 30), "FAIL"), ((22, 40, 31, 24, 38), "UNSURE")]
)
def test_a_missed_throughput_is_unsure_if_the_bare_client_is_uneven(
    bare: tuple[float, ...], verdict: str
) -> None:
    goals = goals_of(crowds(*((rate, rate * 0.85) for rate in bare)))
    (throughput,) = (goal for goal in goals if goal.name.startswith("throughput"))
    assert throughput.verdict == verdict
    assert ("too busy to tell" in table([throughput])) is (verdict == "UNSURE")


def test_one_slow_page_in_twenty_is_allowed_and_two_are_not() -> None:
    assert missed(replace(GOOD, pages={"home": [0.01] * 19 + [0.5]})) == []
    assert missed(replace(GOOD, pages={"home": [0.01] * 18 + [0.5] * 2})) == ["pages, 95 of 100 within ms"]


@pytest.mark.parametrize(("share", "value"), [(0.5, 2), (0.75, 3), (0.95, 4), (1.0, 4)])
def test_a_percentile_is_one_of_the_values(share: float, value: float) -> None:
    assert percentile([4, 1, 3, 2], share) == value


def test_a_percentile_of_no_values_is_an_error() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        percentile([], 0.95)


def test_the_table_shows_measured_and_wanted_values_and_the_verdict() -> None:
    lines = table(goals_of(replace(GOOD, errors=3))).splitlines()
    assert lines[0].split() == ["goal", "measured", "wanted"]
    assert [line.split()[-1] for line in lines if line.startswith("errors")] == ["FAIL"]
    road = next(line for line in lines if line.startswith("road"))
    said = "road without HTTP 1.32 times ≤ 1.4 times ok 41.0 ms, of a bare reset in 31.0 ms"
    assert " ".join(road.split()) == said
