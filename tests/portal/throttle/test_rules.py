"""Who may still ask, whatever comes before."""

from hypothesis import given
from hypothesis import strategies as st

from portal.throttle.rates import Rate
from portal.throttle.rules import (
    FREE_FAILURES,
    LONGEST_DELAY,
    Level,
    Scope,
    Used,
    add_to_cells,
    count_used,
    delay_after,
    judge,
    limit_for,
    pressure_on,
    seconds_locked,
    wait_until_below,
)

NOW = 1_800_000_000.0
RATES = st.builds(Rate, st.integers(1, 40), st.sampled_from([60, 600, 3600]))
PAUSES = st.lists(st.floats(0, 400), max_size=120)


def level(scope: Scope = Scope.ADDRESS, limit: int = 100) -> Level:
    return Level(order=1, kind="start", scope=scope, key="k", rate=Rate(limit, 600))


def used(count: int, scope: Scope = Scope.ADDRESS, limit: int = 100) -> Used:
    at = level(scope, limit)
    return Used(level=at, cells=add_to_cells([], at.rate, NOW, count) if count else [])


@given(RATES, PAUSES)
def test_no_window_ever_holds_more_than_the_limit(rate: Rate, pauses: list[float]) -> None:
    now, taken = NOW, list[float]()
    cells: list[list[int]] = []
    for pause in pauses:
        now += pause
        if not wait_until_below(cells, rate.limit, rate, now):
            cells = add_to_cells(cells, rate, now)
            taken.append(now)
    for end in taken:
        assert sum(end - rate.seconds < at <= end for at in taken) <= rate.limit
    assert len(cells) <= 21


@given(RATES, PAUSES)
def test_returning_after_the_wait_gives_a_place(rate: Rate, pauses: list[float]) -> None:
    now = NOW
    cells: list[list[int]] = []
    for pause in pauses:
        now += pause
        wait = wait_until_below(cells, rate.limit, rate, now)
        assert 0 <= wait <= rate.seconds * 21 / 20 + 1
        now += wait
        assert wait_until_below(cells, rate.limit, rate, now) == 0
        cells = add_to_cells(cells, rate, now)


@given(RATES, st.integers(1, 200), st.floats(0, 10_000))
def test_a_clock_that_is_set_back_keeps_the_limit_and_closes_for_no_longer_than_one_window(
    rate: Rate, count: int, back: float
) -> None:
    cells = add_to_cells([], rate, NOW, count)
    wait = wait_until_below(cells, rate.limit, rate, NOW - back)
    assert count_used(cells, rate, NOW - back) == count
    assert (wait > 0) == (count >= rate.limit)
    assert wait <= rate.seconds * 21 / 20 + 1


@given(st.integers(0, 150), st.booleans(), st.booleans())
def test_strangers_leave_the_last_quarter_to_browsers_that_are_known(
    count: int, known: bool, proven: bool
) -> None:
    verdict = judge([used(count)], known=known, proven=proven, now=NOW)
    assert bool(verdict.wait) == (count >= (100 if known else 75))
    assert (verdict.pressure is not None) == (50 <= count < 75 and not known and not proven)
    assert verdict.granted == (not verdict.wait and verdict.pressure is None)


@given(st.lists(st.integers(0, 120), min_size=3, max_size=3))
def test_the_narrowest_level_that_is_used_up_is_named(counts: list[int]) -> None:
    scopes = [Scope.BROWSER, Scope.ADDRESS, Scope.ALL]
    there = [used(count, scope) for count, scope in zip(counts, scopes, strict=True)]
    verdict = judge(there, known=True, proven=True, now=NOW)
    full = [scope for count, scope in zip(counts, scopes, strict=True) if count >= 100]
    assert (verdict.at.scope if verdict.at else None) == (full[0] if full else None)


def test_a_browser_share_is_used_whole_and_puts_no_pressure_on_others() -> None:
    assert limit_for(level(Scope.BROWSER, 15), known=False) == 15
    assert pressure_on([used(99, Scope.BROWSER)], NOW) is None
    assert pressure_on([used(49)], NOW) is None
    assert pressure_on([used(50)], NOW) == 0
    assert pressure_on([used(75)], NOW) == pressure_on([used(99)], NOW) == 1


def test_a_stranger_may_take_a_share_of_one() -> None:
    assert judge([used(0, limit=1)], known=False, proven=False, now=NOW).granted


@given(st.integers(0, 10_000))
def test_a_lock_doubles_and_never_lasts_longer_than_a_quarter_of_an_hour(failures: int) -> None:
    assert delay_after(failures) <= delay_after(failures + 1) <= LONGEST_DELAY
    assert (delay_after(failures) > 0) == (failures >= FREE_FAILURES)


@given(st.integers(0, 100), st.floats(-1e6, 1e6))
def test_a_lock_ends_even_if_the_clock_moves(failures: int, ahead: float) -> None:
    assert 0 <= seconds_locked(failures, NOW + ahead, NOW) <= delay_after(failures)
    assert seconds_locked(failures, NOW - 24 * 3600, NOW) == 0
