"""How often is too often."""

import pytest

from portal.throttle.counts import forget_old_throttles, give_back, take
from portal.throttle.models import Throttle
from portal.throttle.rates import Rate, wait_for
from tests.portal.at_once import at_once

RATES = [Rate(3, 60), Rate(4, 600)]


@pytest.mark.parametrize(
    ("taken", "now", "wait"),
    [
        ([], 100.0, 0),
        ([90.0, 91.0], 100.0, 0),
        ([90.0, 91.0, 92.0], 100.0, 50),
        ([10.0, 91.0, 92.0], 100.0, 0),
        ([10.0, 20.0, 91.0, 92.0], 100.0, 510),
        (
            [200.0, 300.0, 400.0],
            100.0,
            60,
        ),  # the clock was set back: the limit holds
    ],
)
def test_the_longest_wait_of_all_rates_holds(taken: list[float], now: float, wait: int) -> None:
    assert wait_for(taken, RATES, now) == wait


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_parallel_takers_get_no_more_than_the_limit() -> None:
    waits: list[int] = []
    at_once(lambda: waits.append(take("test", "alice", rates=RATES)), times=12)
    assert sorted(wait == 0 for wait in waits).count(True) == 3


@pytest.mark.django_db
def test_a_try_given_back_can_be_taken_again_and_the_key_is_not_stored() -> None:
    for _ in range(3):
        assert take("test", "alice", rates=RATES) == 0
    assert take("test", "alice", rates=RATES) > 0
    give_back("test", "alice")
    assert take("test", "alice", rates=RATES) == 0
    assert "alice" not in str(list(Throttle.objects.values()))
    assert forget_old_throttles() == 0
