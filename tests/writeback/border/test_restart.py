"""A worker that dies, or whose Redis does, comes back and loses nothing that it was given."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.dev.demo.redis import RedisServer
from deploy.dev.lab.certificates import Authority
from deploy.dev.processes import wait_until
from tests.writeback.border.live import BEGIN, LiveWorker
from writeback.envelope import post
from writeback.envelope.answers import AttemptOpened, Outcome
from writeback.envelope.jobs import JobStatus
from writeback.envelope.sealing import SealedJob
from writeback.worker import THREADS

pytestmark = pytest.mark.redis


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis that a test may kill."""
    made = RedisServer(tmp_path / "redis", authority=Authority.create(tmp_path), admin=True)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def mortal(server: RedisServer, tmp_path: Path) -> Iterator[LiveWorker]:
    """A worker that a test may kill."""
    made = LiveWorker(tmp_path / "home", server)
    made.start()
    yield made
    made.stop()


def is_begun(worker: LiveWorker) -> bool:
    answer = worker.ask(seconds=3)
    return answer is not None and isinstance(answer.facts, AttemptOpened)


def occupy(worker: LiveWorker, *, waiting: int) -> list[SealedJob]:
    """Keep every thread busy until `release`, and let so many more jobs wait; return them all."""
    (worker.home / "slow").touch()
    sealed = [worker.seal() for _ in range(THREADS + waiting)]
    for job in sealed:
        worker.send(job)
    assert wait_until(lambda: _waiting(worker) == waiting, seconds=10)
    return sealed


def release(worker: LiveWorker) -> None:
    (worker.home / "slow").unlink()


def test_jobs_wait_for_a_worker_that_was_killed_and_their_prekey_is_still_there(mortal: LiveWorker) -> None:
    sealed = [mortal.seal() for _ in range(3)]
    mortal.child.kill()
    for job in sealed:
        mortal.send(job)
    mortal.start()
    answers = [mortal.answer(job) for job in sealed]
    assert all(answer and isinstance(answer.facts, AttemptOpened) for answer in answers)


def test_a_killed_worker_loses_only_the_jobs_it_had_begun(mortal: LiveWorker) -> None:
    sealed = occupy(mortal, waiting=THREADS)
    mortal.child.kill()
    release(mortal)
    mortal.start()
    answered = [mortal.answer(job, seconds=3) is not None for job in sealed]
    assert answered == [False] * THREADS + [True] * THREADS


def test_a_job_that_waits_is_begun_when_a_thread_is_free(mortal: LiveWorker) -> None:
    sealed = occupy(mortal, waiting=1)
    assert mortal.answer(sealed[-1], seconds=1.5) is None
    release(mortal)
    assert all(mortal.answer(job, seconds=3) is not None for job in sealed)


def test_a_connection_that_is_lost_while_all_threads_are_busy_costs_no_job_and_no_thread(
    mortal: LiveWorker, server: RedisServer
) -> None:
    sealed = occupy(mortal, waiting=2)
    with server.client() as admin:
        assert admin.execute_command("CLIENT", "KILL", "USER", server.workers["w1"].username) > 0
    release(mortal)
    assert all(mortal.answer(job) is not None for job in sealed)
    more = occupy(mortal, waiting=3)
    assert mortal.answer(more[-1], seconds=1.5) is None
    assert _waiting(mortal) == 3
    release(mortal)
    assert all(mortal.answer(job) is not None for job in more)


def test_a_redis_failover_does_not_end_a_waiting_worker(mortal: LiveWorker, server: RedisServer) -> None:
    before = mortal.pid
    with server.client() as admin:

        def send_away() -> bool:  # from one look for jobs to the next it waits for none
            clients = [client["id"] for client in admin.client_list()]
            return any(admin.client_unblock(each, error=True) for each in clients)

        assert wait_until(send_away, seconds=5)
    assert is_begun(mortal)
    assert mortal.pid == before is not None


def test_a_queue_of_a_wrong_type_costs_a_restart_and_no_more(mortal: LiveWorker) -> None:
    mortal.child.kill()
    mortal.attacker.delete("writeback.w1")
    mortal.attacker.set("writeback.w1", "x")
    mortal.start()
    assert is_begun(mortal)


def test_a_queue_that_becomes_of_a_wrong_type_is_removed_and_the_worker_goes_on(mortal: LiveWorker) -> None:
    before = mortal.pid
    with mortal.attacker.pipeline(transaction=True) as pipe:
        pipe.delete("writeback.w1")
        pipe.set("writeback.w1", "x")
        pipe.execute()
    assert wait_until(lambda: mortal.attacker.type("writeback.w1") == b"none", seconds=15)
    assert is_begun(mortal)
    assert mortal.pid == before is not None


def test_redis_comes_back_empty_and_the_worker_is_there_within_15_seconds(
    mortal: LiveWorker, server: RedisServer
) -> None:
    before = mortal.pid
    never_came = mortal.seal()
    server.kill()
    server.start()
    mortal.attacker = server.client()
    beats = post.heartbeat_key("main", "w1")
    assert wait_until(lambda: mortal.attacker.get(beats) is not None, seconds=15)
    assert wait_until(lambda: is_begun(mortal), seconds=15)
    assert mortal.pid == before is not None
    status = mortal.ask(JobStatus(site="main", jti=never_came.jti, close=True))
    assert status is not None
    assert status.outcome is Outcome.CLOSED


def test_a_job_that_comes_after_it_was_closed_is_not_done(mortal: LiveWorker) -> None:
    late = mortal.seal()
    mortal.ask(JobStatus(site="main", jti=late.jti, close=True))
    mortal.send(late)
    assert mortal.answer(late, seconds=1) is None
    assert [facts["why"] for facts in mortal.events("job.refused")] == ["seen before"]


def test_a_worker_that_is_asked_to_end_finishes_what_it_has_begun(mortal: LiveWorker) -> None:
    sealed = [mortal.seal(BEGIN) for _ in range(20)]
    for job in sealed:
        mortal.send(job)
    mortal.child.stop()
    mortal.start()
    assert all(mortal.answer(job) is not None for job in sealed)


def _waiting(worker: LiveWorker) -> int:
    return int(worker.attacker.llen("writeback.w1"))
