"""The lab starts in time and goes without a trace, also when the program that runs it is killed."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.lab import HomeTakenError, Lab, SetupError
from deploy.lab.controller import PORTS
from deploy.processes import answers, port_is_free, wait_until
from tests.conftest import VAR

ADDRESS = "127.0.21.10"
HOME = VAR / "test-lab-life"


@pytest.fixture(scope="module", autouse=True)
def _snapshot_is_made() -> None:
    """Fill the cache, so that what is measured is a warm start."""
    lab = Lab(HOME, ADDRESS)
    lab.start()
    lab.stop()


@pytest.fixture
def own_lab() -> Iterator[Lab]:
    lab = Lab(HOME, ADDRESS)
    lab.start()
    yield lab
    lab.stop()


@contextmanager
def launched() -> Iterator[subprocess.Popen[str]]:
    """`python -m deploy.lab up` in a process of its own, once it says that it is up."""
    command = [sys.executable, "-m", "deploy.lab", "up", "--home", str(HOME), "--address", ADDRESS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            assert process.stdout
            words = []
            for line in process.stdout:
                words.append(line)
                if "Ctrl-C ends it" in line:
                    break
            assert process.poll() is None, "".join(words)
            yield process
        finally:
            process.kill()


def mounts() -> list[str]:
    return sorted(Path("/proc/self/mounts").read_text().splitlines())


def process_namespaces() -> dict[str, int]:
    """Return how many living processes there are in each process namespace that can be seen."""
    found: dict[str, int] = {}
    for entry in Path("/proc").glob("[0-9]*/ns/pid"):
        try:
            name = str(entry.readlink())
        except OSError:
            continue
        found[name] = found.get(name, 0) + 1
    return found


def traces(before: dict[str, int]) -> list[str]:
    """Return the namespaces that are new since `before`, and the lab's ports that somebody holds."""
    new = [name for name in process_namespaces() if name not in before]
    return new + [str(port) for port in PORTS if not port_is_free(ADDRESS, port)]


def test_a_warm_start_takes_less_than_ten_seconds(own_lab: Lab) -> None:
    own_lab.stop()
    begin = time.monotonic()
    own_lab.start()
    assert own_lab.bind("alice@corp.example", own_lab.people["alice"].password) is None
    assert time.monotonic() - begin < 10


def test_stop_leaves_nothing() -> None:
    before, mounted = process_namespaces(), mounts()
    lab = Lab(HOME, ADDRESS)
    lab.start()
    assert len(traces(before)) > len(PORTS), "a namespace and every port"
    assert mounts() == mounted
    lab.stop()
    assert traces(before) == []
    assert mounts() == mounted


def test_each_start_is_fresh(own_lab: Lab) -> None:
    passing = own_lab.add_person("passing")
    own_lab.start()
    assert own_lab.bind(passing.dn, passing.password) is None, "a second start changes nothing"
    own_lab.stop()
    own_lab.start()
    assert own_lab.bind(passing.dn, passing.password) == "52e"


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_outlives_the_launcher(ending: signal.Signals) -> None:
    before, mounted = process_namespaces(), mounts()
    with launched() as process:
        assert answers(ADDRESS, 636)
        process.send_signal(ending)
        assert process.wait(15) == (-signal.SIGKILL if ending == signal.SIGKILL else 0)
    assert wait_until(lambda: traces(before) == [], seconds=5), traces(before)
    assert mounts() == mounted


@pytest.mark.usefixtures("own_lab")
def test_a_second_lab_in_the_same_home_is_refused() -> None:
    with pytest.raises(HomeTakenError, match="Another lab runs in"):
        Lab(HOME, ADDRESS).start()


def test_a_taken_port_is_told_in_one_sentence() -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind((ADDRESS, 636))
        other.listen()
        with pytest.raises(SetupError, match=f"needs port 636 of {ADDRESS}"):
            Lab(HOME, ADDRESS).start()


def test_without_root_it_says_so(tmp_path: Path) -> None:
    command = ["setpriv", "--reuid", "65534", "--clear-groups", sys.executable, "-m", "deploy.lab", "up"]
    words = subprocess.run(command, capture_output=True, text=True, check=False)
    assert words.returncode == 1
    assert (
        words.stderr == "The lab runs a domain controller in namespaces of its own and needs root for that.\n"
    )


def test_passwords_are_for_the_owner_alone(lab: Lab) -> None:
    assert {(lab.home / name).stat().st_mode & 0o777 for name in ("lab.json", "ca.key")} == {0o600}
