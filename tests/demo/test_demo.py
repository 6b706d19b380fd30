"""The demo stops without a trace, starts again after a crash, and says plainly why it can't start."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.dev.demo.configuration import WorkerFiles, portal_environment
from deploy.dev.demo.demo import Demo
from deploy.dev.demo.mailbox import Mailbox
from deploy.dev.demo.place import Place
from deploy.dev.demo.redis import RedisServer
from deploy.dev.lab import Lab
from deploy.dev.processes import SetupError, answers, free_port, port_of, wait_until
from tests.architecture.sources import ROOT
from tests.background import in_background
from tests.conftest import home_of
from writeback.config import load


@contextmanager
def demo(seat: int, port: int, *, network: str = "") -> Iterator[subprocess.Popen[str]]:
    places = ["--home", str(home_of("demo", seat)), "--network", network or f"127.0.{100 + seat}"]
    argv = [sys.executable, "-m", "deploy.dev.demo", *places, "--port", str(port)]
    with subprocess.Popen(
        in_background(argv), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def words_until_up(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    words = ""
    for line in process.stdout:
        words += line
        if "Ctrl-C ends it" in line:
            break
    return words


def descendants(pid: int) -> list[int]:
    children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return children + [below for child in children for below in descendants(child)]


def living(pids: list[int]) -> list[int]:
    def lives(pid: int) -> bool:
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except FileNotFoundError:
            return False

    return [pid for pid in pids if lives(pid)]


def surroundings() -> list[str]:
    """Return the mounts, and the entries of the folders in which programs leave files."""
    folders = ("/etc", "/run", "/var/lib", "/var/log", "/var/run", Path.home())
    entries = sorted(str(entry) for folder in folders for entry in Path(folder).iterdir())
    return [Path("/proc/self/mounts").read_text(), *entries]


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_demo_ends_without_a_trace_and_starts_again_after_a_crash(
    seat: int, ending: signal.Signals
) -> None:
    before = surroundings()
    network = f"127.0.{100 + seat}"
    places = [(f"{network}.10", 636), (f"{network}.20", 6379), (f"{network}.30", 2525)]
    with demo(seat, free_port()) as process:
        words = words_until_up(process)
        assert all(name in words for name in ("alice", "mallory", "password expired"))
        assert all(answers(*place) for place in places), words
        assert "has seen the audit up to event" in (home_of("demo", seat) / "tick.log").read_text()
        started = descendants(process.pid)
        assert len(living(started)) > 5
        process.send_signal(ending)
        assert process.wait(20) == (-signal.SIGKILL if ending == signal.SIGKILL else 0)
    assert wait_until(lambda: not living(started), seconds=5)
    assert [place for place in places if answers(*place)] == []
    assert surroundings() == before


def test_a_taken_port_is_reported_in_one_sentence(seat: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with demo(seat, port) as process:
            assert process.communicate(timeout=20)[0] == (
                f"The portal needs port {port} of 127.0.0.1, which another program holds; "
                "without PORT=… make demo takes one that is free.\n"
            )
            assert process.returncode == 1


@pytest.mark.parametrize("text", ["abc", "0", "65536", "-1", "80 80", "", "٨٠"])
def test_an_invalid_port_is_named_in_one_sentence(text: str) -> None:
    with pytest.raises(SetupError, match="PORT must be a number from 1 to 65535"):
        port_of(text)
    assert port_of("8000") == 8000


def test_a_second_demo_is_refused(seat: int) -> None:
    with demo(seat, free_port()) as first:
        assert first.stdout
        assert first.stdout.readline() == "… the forest CORP.EXAMPLE\n"
        with demo(seat, free_port(), network=f"127.0.{120 + seat}") as second:
            assert (
                second.communicate(timeout=20)[0]
                == f"Another demo runs in {home_of('demo', seat)}; stop it first.\n"
            )
        first.send_signal(signal.SIGTERM)
        assert first.wait(20) == 0


def test_the_worker_accepts_the_generated_configuration(
    lab: Lab, redis_server: RedisServer, mailbox: Mailbox, tmp_path: Path
) -> None:
    config = load(WorkerFiles(tmp_path / "worker", lab, redis_server, mailbox).write())
    assert config.site.worker == "w1"
    assert config.directories[0].bind == lab.service_dn
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "worker").iterdir()} == {0o600}


def test_the_portal_accepts_the_generated_environment(redis_server: RedisServer, tmp_path: Path) -> None:
    environment = portal_environment(tmp_path, redis=redis_server)
    argv = [sys.executable, "-c", "import django; django.setup(); print('taken')"]
    done = subprocess.run(argv, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("taken\n", 0), done.stderr
    read = (ROOT / "portal" / "settings.py").read_text()
    given = {name.removesuffix("_FILE") for name in environment if name.startswith("KEYBACK_")}
    assert [name for name in sorted(given) if f'"{name}"' not in read] == []


def test_a_demo_writes_nothing_before_it_runs(tmp_path: Path) -> None:
    Demo(tmp_path / "demo", Place("127.0.10", 8000))
    assert list(tmp_path.iterdir()) == []
