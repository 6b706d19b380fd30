"""Two real workers that share one state: one of them is stopped, or killed, while people are at work."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from deploy.dev.demo.redis import RedisServer
from deploy.dev.processes import wait_until
from portal.dispatch import flows, keys
from portal.dispatch.flows import ask
from portal.dispatch.models import JobRecord
from portal.dispatch.workers import known_workers, replace_workers
from tests.portal.dispatch.conftest import enrolment_of
from tests.redis_of_tests import running_redis
from tests.writeback.border.live import BEGIN, LiveWorker
from writeback.envelope.answers import Outcome
from writeback.envelope.jobs import JobStatus, ResetPassword
from writeback.envelope.secret import Secret

RESET = ResetPassword(site="main", attempt=bytes(16))


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis for these two workers alone."""
    with running_redis(tmp_path_factory) as server:
        yield server


@pytest.fixture
def workers(
    transactional_db: None,
    settings: Settings,
    tmp_path: Path,
    redis_settings: None,
    redis_server: RedisServer,
) -> Iterator[tuple[LiveWorker, LiveWorker]]:
    """Two workers of one site, paired with the portal."""
    first = LiveWorker(tmp_path / "w1", redis_server)
    second = LiveWorker(tmp_path / "w2", redis_server, name="w2", portal=first.portal, beside=first)
    for worker in (first, second):
        worker.start()
    settings.KEYBACK_KEYS = tmp_path / "portal-keys"
    keys.write_portal_key(first.portal)
    flows.pair(enrolment_of(first, "w1", "w2"))
    yield first, second
    replace_workers()
    for worker in (first, second):
        worker.stop()


def outcome_of(reply: flows.Reply) -> Outcome | None:
    return reply.answer.outcome if reply.answer else None


def end(worker: LiveWorker, number: signal.Signals) -> None:
    process = worker.child.process
    assert process
    process.send_signal(number)


def test_nobody_notices_a_planned_stop_of_one_of_two_workers(
    workers: tuple[LiveWorker, LiveWorker],
) -> None:
    first, _ = workers
    assert ask(BEGIN).worker == "w1"
    end(first, signal.SIGTERM)
    asked: list[tuple[Outcome | None, str]] = []

    def ask_on() -> bool:
        reply = ask(BEGIN)
        asked.append((outcome_of(reply), reply.worker))
        return first.pid is None

    assert wait_until(ask_on, seconds=30)
    assert {outcome for outcome, _ in asked} == {Outcome.DONE}
    assert not known_workers().silences._until, "no job was lost and asked for anew"
    assert asked[-1][1] == "w2"
    assert first.child.process
    assert first.child.process.returncode == 0
    assert first.is_drained()


def test_after_kill_9_a_write_is_done_by_the_other_worker_and_never_by_the_first(
    workers: tuple[LiveWorker, LiveWorker],
) -> None:
    first, _ = workers
    assert ask(BEGIN).worker == "w1"
    first.child.kill()
    started = time.monotonic()
    reply = ask(RESET, passwords=[Secret("new")])
    assert time.monotonic() - started < flows.WAIT + 1
    assert (outcome_of(reply), reply.worker) == (Outcome.ATTEMPT_GONE, "w2")
    lost, done = JobRecord.objects.order_by("sent_at")
    assert (lost.outcome, done.outcome) == (Outcome.CLOSED, Outcome.ATTEMPT_GONE)
    assert ask(BEGIN).worker == "w2", "who did not answer is asked last"
    first.start()
    first.wait_drained()
    told = ask(JobStatus(site="main", jti=bytes.fromhex(lost.jti)))
    assert outcome_of(told) is Outcome.CLOSED, "the job that lay in its queue was not done"
