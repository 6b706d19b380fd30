"""Another host has brought the state to a newer version: this worker stops in order, and says so."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from deploy.dev.demo.redis import RedisServer
from deploy.dev.processes import wait_until
from tests.writeback.border.live import LiveWorker
from writeback.envelope import post
from writeback.state.migrations import SCHEMA
from writeback.worker import OTHER_VERSION


def bring_to(version: int, worker: LiveWorker) -> None:
    with closing(sqlite3.connect(worker.home / "state.db")) as other:
        other.execute("UPDATE meta SET value = ? WHERE name = 'schema'", [str(version)])
        other.commit()


@pytest.fixture
def worker(redis_server: RedisServer, tmp_path: Path) -> Iterator[LiveWorker]:
    made = LiveWorker(tmp_path / "home", redis_server, hasty=True)
    made.start()
    yield made
    made.stop()


def test_a_worker_with_a_newer_state_finishes_its_jobs_and_takes_no_more(worker: LiveWorker) -> None:
    slow = worker.home / "slow"
    slow.touch()
    in_hand = worker.seal()
    worker.send(in_hand)
    worker.wait_drained()
    bring_to(SCHEMA + 1, worker)
    assert wait_until(
        lambda: [one.courier for one in worker.beat().couriers] == ["state-version"], seconds=15
    )
    assert {one.state.value for one in worker.beat().directories} == {"down"}
    left = worker.seal()
    worker.send(left)
    slow.unlink()
    assert worker.answer(in_hand) is not None
    assert worker.answer(left, seconds=2) is None
    assert worker.attacker.llen(post.queue_key(worker.name)) == 1
    assert worker.log().count(OTHER_VERSION) == 1
    assert worker.pid is not None
    worker.child.stop()
    assert worker.events("worker.stopped")
