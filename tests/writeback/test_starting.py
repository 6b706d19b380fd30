"""What keeps a worker from starting, though its settings are right."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from deploy.dev.demo.redis import RedisServer
from tests.fakes.certificates import any_authority
from tests.writeback.worker_files import WorkerFiles
from writeback.broker import PostBox
from writeback.starting import OPEN_REDIS, reasons_not_to_start
from writeback.strict_redis import strict_client
from writeback.trouble import Trouble


@pytest.fixture
def files(tmp_path: Path, redis_server: RedisServer) -> WorkerFiles:
    made = WorkerFiles(tmp_path)
    made.connect_redis(redis_server)
    return made


@contextmanager
def open_to_anybody(server: RedisServer) -> Iterator[None]:
    with server.client() as admin:
        admin.execute_command("ACL", "SETUSER", "default", "on", "nopass", "+@all", "~*")
        try:
            yield
        finally:
            admin.execute_command("ACL", "LOAD")


def reasons(files: WorkerFiles) -> list[str]:
    return list(reasons_not_to_start(PostBox(files.config().redis), files.config().redis, []).sentences)


def test_nothing_keeps_a_worker_from_a_redis_that_is_well(files: WorkerFiles) -> None:
    assert reasons(files) == []


def test_an_unreachable_redis_does_not_stop_the_start(files: WorkerFiles, redis_server: RedisServer) -> None:
    files.replace(redis_server.url, "rediss://127.0.0.1:1/0")

    assert reasons(files) == []


def test_a_redis_that_lets_anybody_in_is_refused(files: WorkerFiles, redis_server: RedisServer) -> None:
    with open_to_anybody(redis_server):
        assert reasons(files) == [OPEN_REDIS]


def test_a_redis_of_another_authority_is_refused_and_not_tried_for_ever(
    files: WorkerFiles, redis_server: RedisServer
) -> None:
    (files.folder / "other.pem").write_bytes(any_authority())
    files.replace(str(redis_server.ca_file), "other.pem")

    (told,) = reasons(files)
    assert told.startswith("the certificate of Redis ends at a root authority that is not in the file")
    assert "; export the root as PEM, and add it to the file that [redis] ca_file" in told


def test_a_running_worker_reports_another_authority_once_and_waits(
    files: WorkerFiles, redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    (files.folder / "other.pem").write_bytes(any_authority())
    files.replace(str(redis_server.ca_file), "other.pem")
    trouble, client = Trouble(longest=8), strict_client(files.config().redis)
    pauses = []
    for _ in range(3):
        with pytest.raises(redis.ConnectionError) as caught:
            client.ping()
        trouble.note(caught.value)
        pauses.append(trouble._pause())
    client.close()

    (told,) = caplog.messages
    assert told.startswith("No jobs are taken from Redis: the certificate of Redis ")
    assert "; export the root as PEM, and add it to the file that [redis] ca_file" in told
    assert pauses == [0.5, 1.0, 2.0]
    assert trouble.lasts()


def test_the_process_says_why_and_ends_with_2(files: WorkerFiles, redis_server: RedisServer) -> None:
    assert files.run("setup") == 0
    command = [sys.executable, "-m", "writeback.cli.main", "run", "--config", str(files.toml)]
    with open_to_anybody(redis_server):
        ended = subprocess.run(
            command, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, timeout=60, check=False
        )

    assert ended.returncode == 2, ended.stderr
    assert ended.stderr.endswith(f"{OPEN_REDIS}\n")
