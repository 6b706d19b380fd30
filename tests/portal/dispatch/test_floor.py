"""The floor below which no answer leaves, and the warning that it is too low."""

import time

import pytest

from portal.dispatch import flows
from portal.dispatch.floor import Floor
from portal.dispatch.flows import ask
from tests.envelope.examples import ATTEMPT
from tests.portal.dispatch.played import Stage
from writeback.envelope.jobs import ListFactors

LIST = ListFactors(site="main", attempt=ATTEMPT)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if "KEYBACK_FLOOR_MS" in record.getMessage()]


def ago(seconds: float) -> float:
    return time.monotonic() - seconds


def test_an_answer_does_not_leave_before_the_floor() -> None:
    began = time.monotonic()
    Floor().hold(since=began, seconds=0.05)
    assert time.monotonic() - began >= 0.05


def test_an_answer_slower_than_the_floor_is_logged_now_and_then(caplog: pytest.LogCaptureFixture) -> None:
    floor = Floor()
    for _ in range(3):
        floor.hold(since=ago(0.431), seconds=0.25)
    assert len(warnings(caplog)) == 1
    assert "took 431 ms" in warnings(caplog)[0]
    assert "(250)" in warnings(caplog)[0]


@pytest.mark.parametrize(("took", "seconds"), [(0.2, 0.25), (9.0, 0.0)])
def test_an_answer_that_shows_nothing_is_not_logged(
    caplog: pytest.LogCaptureFixture, took: float, seconds: float
) -> None:
    Floor().hold(since=ago(took), seconds=seconds)
    assert warnings(caplog) == []


def test_asking_a_worker_keeps_the_floor_and_logs_slow_answers(
    stage: Stage, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flows, "_floor", Floor())
    began = time.monotonic()
    ask(LIST, floor=0.2)
    assert time.monotonic() - began >= 0.2
    ask(LIST, floor=0.000_001)
    assert len(warnings(caplog)) == 1
