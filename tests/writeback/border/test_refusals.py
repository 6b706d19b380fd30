"""A real Redis that refuses at run time: the worker says why, goes on, and does the next job."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import redis

from deploy.dev.demo.redis import RedisServer
from deploy.dev.processes import free_port, wait_until
from tests.writeback.border.live import LiveWorker
from writeback.envelope.answers import AttemptOpened

Change = Callable[[Any, LiveWorker], None]


@pytest.fixture(scope="module")
def worker(redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveWorker]:
    """A live worker that tries again at once."""
    live = LiveWorker(tmp_path_factory.mktemp("worker") / "home", redis_server, hasty=True)
    live.start()
    yield live
    live.stop()


def set_up(**settings: str) -> Change:
    def change(admin: Any, _worker: LiveWorker) -> None:
        for name, value in settings.items():
            admin.config_set(name.replace("_", "-"), value)

    return change


def follow_nobody(admin: Any, _worker: LiveWorker) -> None:
    admin.replicaof("127.0.0.1", free_port())


def lead(admin: Any, _worker: LiveWorker) -> None:
    admin.replicaof("NO", "ONE")


def forbid(admin: Any, worker: LiveWorker) -> None:
    admin.execute_command("ACL", "SETUSER", worker.server.workers["w1"].username, "-brpop")


def allow(admin: Any, worker: LiveWorker) -> None:
    admin.execute_command("ACL", "SETUSER", worker.server.workers["w1"].username, "+brpop")


def fail_to_save(admin: Any, _worker: LiveWorker) -> None:
    """Put a folder where the file is to be saved."""
    (Path(admin.config_get("dir")["dir"]) / "dump.rdb").mkdir(exist_ok=True)
    set_up(save="3600 1")(admin, _worker)
    admin.bgsave()
    assert wait_until(lambda: bool(admin.info("persistence")["rdb_last_bgsave_status"] == "err"), seconds=10)


REFUSALS: dict[str, tuple[Change, Change]] = {
    "READONLY": (follow_nobody, lead),
    "OOM": (set_up(maxmemory="1"), set_up(maxmemory="64mb")),
    "NOPERM": (forbid, allow),
    "MISCONF": (fail_to_save, set_up(save="")),
    "NOREPLICAS": (set_up(min_replicas_to_write="1"), set_up(min_replicas_to_write="0")),
}


@pytest.mark.parametrize("code", REFUSALS)
def test_the_worker_waits_for_a_redis_that_refuses(
    worker: LiveWorker, redis_server: RedisServer, code: str
) -> None:
    begin, end = REFUSALS[code]
    pid, before = worker.pid, len(worker.log())
    with redis_server.client() as admin:
        try:
            begin(admin, worker)
            assert wait_until(lambda: f"({code})" in worker.log()[before:], seconds=15)
        finally:
            end(admin, worker)
    assert wait_until(lambda: "over after" in worker.log()[before:], seconds=15)
    answer = worker.ask(seconds=15)
    assert answer is not None
    assert isinstance(answer.facts, AttemptOpened)
    assert worker.pid == pid is not None
    assert "Traceback" not in worker.log()[before:]


def test_a_queue_of_a_wrong_type_does_not_end_the_worker(worker: LiveWorker) -> None:
    pid = worker.pid
    for _ in range(10):
        with suppress(redis.ResponseError), worker.attacker.pipeline(transaction=True) as pipe:
            pipe.delete("writeback.w1")
            pipe.hset("writeback.w1", "x", "x")
            pipe.execute()
        assert wait_until(lambda: worker.attacker.type("writeback.w1") == b"none", seconds=15)
    answer = worker.ask(seconds=15)
    assert answer is not None
    assert isinstance(answer.facts, AttemptOpened)
    assert worker.pid == pid is not None
