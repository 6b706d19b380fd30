"""`writeback run` as the process manager runs it: it beats, obeys, and says why it won't start."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from deploy.dev.demo.mailbox import Mailbox
from deploy.dev.demo.redis import RedisServer
from deploy.dev.lab import Lab
from tests.writeback.worker_files import WorkerFiles
from writeback.audit import lines


@pytest.fixture
def files(tmp_path: Path, lab: Lab, redis_server: RedisServer, mailbox: Mailbox) -> WorkerFiles:
    made = WorkerFiles(tmp_path)
    made.connect(lab, redis_server, mailbox)
    made.pair()
    return made


@contextmanager
def running(files: WorkerFiles, **more: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "writeback.cli.main", "run", "--config", str(files.toml)]
    environment = {"PATH": os.environ["PATH"], **more}
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@contextmanager
def bound(manager: socket.socket, address: str) -> Iterator[None]:
    manager.bind(address)
    manager.settimeout(30)
    yield


def test_a_worker_beats_reports_ready_and_stops_when_asked(
    files: WorkerFiles, redis_server: RedisServer
) -> None:
    with redis_server.client() as attacker:
        attacker.delete("hb:main:w1")  # of a worker of an earlier test
    portal = redis_server.client(redis_server.portal)
    address = str(files.folder / "notify")
    with (
        closing(portal),
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager,
        bound(manager, address),
        running(files, NOTIFY_SOCKET=address) as process,
    ):
        assert manager.recv(1000).startswith(b"READY=1\n")
        beat = portal.get("hb:main:w1")
        process.send_signal(signal.SIGTERM)
        assert manager.recv(1000) == b"STOPPING=1"
        _, told = process.communicate(timeout=20)

    assert beat is not None, told
    assert process.returncode == 0, told
    assert files.folder.joinpath("run").stat().st_mode & 0o777 == 0o700
    events = [line.event for line in lines(files.folder / "audit.jsonl")]
    assert events[0] == "portal.paired"
    assert events[1] == "worker.started"
    assert events[-1] == "worker.stopped"
    for secret in ("redis", "directory"):
        assert (files.folder / f"{secret}.secret").read_text().strip() not in told


def test_a_wrong_configuration_ends_the_start_with_a_sentence_for_each_setting(files: WorkerFiles) -> None:
    files.replace('name = "main"', "name = 1")
    files.replace("deny_spn = true", "deny_spn = 1")

    with running(files) as process:
        _, told = process.communicate(timeout=20)

    assert process.returncode == 2
    assert [line.partition(":")[0] for line in told.splitlines()] == ["[site] name", "[scope] deny_spn"]
