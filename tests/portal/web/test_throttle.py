"""How often is too often."""

from threading import Thread

import pytest
from django.db import connection
from django.test import Client
from pytest_django.fixtures import Settings

from portal.audit.models import Event
from portal.web.flows import forget_old_throttles, give_back, take
from portal.web.models import Throttle
from portal.web.rules import Rate, wait_for
from tests.fakes.loop import LoopWorker

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

    def one() -> None:
        waits.append(take("test", "alice", rates=RATES))
        connection.close()

    threads = [Thread(target=one) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(wait == 0 for wait in waits).count(True) == 3


@pytest.mark.django_db
def test_what_was_given_back_can_be_taken_again_and_the_key_is_not_kept() -> None:
    for _ in range(3):
        assert take("test", "alice", rates=RATES) == 0
    assert take("test", "alice", rates=RATES) > 0
    give_back("test", "alice")
    assert take("test", "alice", rates=RATES) == 0
    assert "alice" not in str(list(Throttle.objects.values()))
    assert forget_old_throttles() == 0


def test_one_address_starts_only_so_often_and_is_told_when_to_come_back(
    worker: LoopWorker, settings: Settings
) -> None:
    settings.KEYBACK_STARTS = 2
    client = Client(REMOTE_ADDR="192.0.2.7")
    for number in range(2):
        assert client.post("/reset/", f"name=n{number}", content_type=FORM).status_code != 429
    refused = client.post("/unlock/", "name=n", content_type=FORM)
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 600
    assert client.get("/reset/").status_code == 200
    assert client.post("/reset/", "name=n", content_type=FORM).status_code == 429
    (told,) = Event.objects.filter(event="start.throttled")  # once, however often it is tried
    assert told.facts == {"network": "192.0.2.7"}
    other = Client(REMOTE_ADDR="192.0.2.8")
    assert other.post("/reset/", "name=n", content_type=FORM).status_code != 429


FORM = "application/x-www-form-urlencoded"
