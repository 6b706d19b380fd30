"""The supervisor starts in order, stops in the opposite order, and leaves no process behind."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.dev.demo.supervisor import Child, Part, run
from deploy.dev.lab import SetupError
from deploy.dev.processes import wait_until
from tests.architecture.sources import ROOT
from tests.background import in_background

pytestmark = pytest.mark.linux

PROGRAM = """
import sys
from pathlib import Path
from deploy.dev.demo.supervisor import Child, Part, run

def child(name, command):
    log = Path(sys.argv[1]) / (name + ".log")
    up = lambda: "up" in log.read_text()
    script = "trap 'echo down; exit' TERM; echo up; " + command
    return Child(name, ["sh", "-c", script], log, up, ready_seconds=5)

def parts():
    for name, command in zip(["first", "second"], sys.argv[2:]):
        one = child(name, command)
        yield Part.of(one)
        print(name, one.process.pid, flush=True)

sys.exit(run(parts(), started=lambda: print("all up", flush=True)))
"""
FOREVER = "while :; do sleep 0.1; done"


def supervised(folder: Path, *commands: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, int]]]:
    argv = in_background([sys.executable, "-c", PROGRAM, str(folder), *commands])
    with subprocess.Popen(
        argv, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        pids: dict[str, int] = {}
        for line in process.stdout:
            if line.startswith("all up"):
                break
            name, _, pid = line.strip().partition(" ")
            if pid.isdigit():
                pids[name] = int(pid)
        yield process, pids
        process.kill()


@pytest.fixture
def forever(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], dict[str, int]]]:
    yield from supervised(tmp_path, FOREVER, FOREVER)


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_supervisor_stops_everything_even_in_the_background(
    forever: tuple[subprocess.Popen[str], dict[str, int]], number: signal.Signals, tmp_path: Path
) -> None:
    process, pids = forever
    assert list(pids) == ["first", "second"]
    process.send_signal(number)
    assert process.wait(10) == 0
    assert all(is_gone(pid) for pid in pids.values())
    ended = [(tmp_path / f"{name}.log").stat().st_mtime_ns for name in ("second", "first")]
    assert ended == sorted(ended)
    assert (tmp_path / "first.log").read_text() == "up\ndown\n"


def test_a_killed_supervisor_leaves_no_process(forever: tuple[subprocess.Popen[str], dict[str, int]]) -> None:
    process, pids = forever
    process.kill()
    assert wait_until(lambda: all(is_gone(pid) for pid in pids.values()), seconds=5)


def test_all_parts_are_stopped_when_one_ends(tmp_path: Path) -> None:
    for process, pids in supervised(tmp_path, FOREVER, "sleep 0.5"):
        words = process.communicate(timeout=10)[1]
        assert process.returncode == 1
        assert words == "second ended by itself, so everything was stopped.\n"
        assert all(is_gone(pid) for pid in pids.values())


def test_a_part_that_does_not_start_is_reported_with_its_last_output(tmp_path: Path) -> None:
    def parts() -> Iterator[Part]:
        yield Part("steady", lambda: None, lambda: ended.append("steady"), lambda: True)
        log = tmp_path / "broken.log"
        yield Part.of(Child("broken", ["sh", "-c", "echo no such database; exit 3"], log, lambda: False))

    ended: list[str] = []
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with pytest.raises(SetupError, match=r"(?s)broken did not start; .*no such database"):
        run(parts(), started=lambda: None)
    assert ended == ["steady"]
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == handlers


def test_a_child_can_be_killed_and_started_again(tmp_path: Path) -> None:
    log = tmp_path / "child.log"
    child = Child("child", ["sh", "-c", f"echo up; {FOREVER}"], log, lambda: "up" in log.read_text())
    child.start()
    assert child.process
    first = child.process.pid
    child.kill()
    assert not child.alive()
    child.start()
    assert child.process.pid != first
    child.restart()
    assert child.alive()
    child.stop()
    assert not child.alive()


PROGRAMS = {
    "deploy.dev.lab": "from deploy.dev.lab.__main__ import main; sys.argv.append('up')",
    "deploy.dev.bench": "from deploy.dev.bench.__main__ import main",
    "deploy.dev.timing": "from deploy.dev.timing.__main__ import main",
    "deploy.dev.smoke": "from deploy.dev.smoke import main; sys.argv += ['--home', '/no/such/folder']",
}


@pytest.mark.root
@pytest.mark.parametrize("program", PROGRAMS)
def test_foreground_programs_end_on_ctrl_c_even_in_the_background(program: str) -> None:
    """Each ends at once, without root or a demo; its signal handlers are checked after that."""
    script = (
        f"import os, signal, sys; {PROGRAMS[program]}; os.seteuid(65534); status = main();"
        "print([signal.getsignal(number) is signal.default_int_handler for number in (2, 15)], status)"
    )
    argv = in_background([sys.executable, "-c", script])
    ran = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert ran.stdout == "[True, True] 1\n", ran.stderr
