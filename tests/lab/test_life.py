"""The lab starts, and ends without a trace, even if the program that runs it is killed."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.dev.lab import Lab, SetupError, TakenError
from deploy.dev.lab.controller import PORTS
from deploy.dev.processes import answers, port_is_free, wait_until
from tests.architecture.sources import ROOT
from tests.background import in_background
from tests.conftest import home_of


@dataclass(frozen=True)
class Spot:
    """Where this file's own labs run."""

    home: Path
    address: str

    def lab(self) -> Lab:
        return Lab(self.home, self.address)

    def held_ports(self) -> list[int]:
        return [port for port in PORTS if not port_is_free(self.address, port)]


@pytest.fixture(scope="module")
def spot(seat: int) -> Spot:
    """A spot whose snapshot is made, so that a start is a warm one."""
    spot = Spot(home_of("lab-life", seat), f"127.0.21.{seat}")
    lab = spot.lab()
    lab.start()
    lab.stop()
    return spot


@pytest.fixture
def own_lab(spot: Spot) -> Iterator[Lab]:
    lab = spot.lab()
    lab.start()
    yield lab
    lab.stop()


@contextmanager
def launched(spot: Spot) -> Iterator[subprocess.Popen[str]]:
    """`python -m deploy.dev.lab up` in a process of its own, once it says that it is up."""
    command = [
        sys.executable,
        "-m",
        "deploy.dev.lab",
        "up",
        "--home",
        str(spot.home),
        "--address",
        spot.address,
    ]
    with subprocess.Popen(
        in_background(command), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
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


def living_in(*namespaces: str) -> list[str]:
    """Return the processes that still live in these process namespaces."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/ns/pid"):
        try:
            if str(entry.readlink()) in namespaces:
                found.append(entry.parts[2])
        except OSError:
            continue
    return found


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listed.read_text().split()] if listed.exists() else []


def _namespace(pid: int) -> list[str]:
    try:
        return [str(Path(f"/proc/{pid}/ns/pid").readlink())]
    except OSError:
        return []


def namespaces_below(pid: int) -> list[str]:
    """Return the process namespaces in which the descendants of a process live, except its own."""
    children = _children(pid)
    here = [name for child in children for name in _namespace(child)]
    below = [name for child in children for name in namespaces_below(child)]
    return [name for name in {*here, *below} if name != str(Path("/proc/self/ns/pid").readlink())]


def test_a_lab_that_was_stopped_starts_again(own_lab: Lab) -> None:
    own_lab.stop()
    own_lab.start()
    assert own_lab.bind("alice@corp.example", own_lab.people["alice"].password) is None


def test_stop_leaves_no_process_no_port_and_no_mount(spot: Spot) -> None:
    mounted = mounts()
    before = namespaces_below(os.getpid())
    lab = spot.lab()
    lab.start()
    (namespace,) = set(namespaces_below(os.getpid())) - set(before)
    assert len(living_in(namespace)) > 5
    assert spot.held_ports() == list(PORTS)
    assert mounts() == mounted, "what the lab mounts cannot be seen outside even while it runs"
    lab.stop()
    assert living_in(namespace) == []
    assert spot.held_ports() == []
    assert mounts() == mounted


def test_each_start_begins_without_earlier_changes(own_lab: Lab) -> None:
    passing = own_lab.add_person("passing")
    own_lab.start()
    assert own_lab.bind(passing.dn, passing.password) is None, "a second start changes nothing"
    own_lab.stop()
    own_lab.start()
    assert own_lab.bind(passing.dn, passing.password) == "52e"


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_lab_ends_with_its_launcher_even_in_the_background(spot: Spot, ending: signal.Signals) -> None:
    mounted = mounts()
    with launched(spot) as process:
        (namespace,) = namespaces_below(process.pid)
        assert answers(spot.address, 636)
        process.send_signal(ending)
        assert process.wait(15) == (-signal.SIGKILL if ending == signal.SIGKILL else 0)
    assert wait_until(lambda: not living_in(namespace) and not spot.held_ports(), seconds=5)
    assert mounts() == mounted


@pytest.mark.usefixtures("own_lab")
def test_a_second_lab_in_the_same_home_is_refused(spot: Spot) -> None:
    with pytest.raises(TakenError, match="Another lab runs in"):
        spot.lab().start()


@pytest.mark.usefixtures("own_lab")
def test_a_second_lab_at_the_same_address_is_refused(spot: Spot, tmp_path: Path) -> None:
    with pytest.raises(TakenError, match=f"Another lab has the address {spot.address}"):
        Lab(tmp_path, spot.address).start()


def test_a_taken_port_is_reported_in_one_sentence(spot: Spot) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind((spot.address, 636))
        other.listen()
        with pytest.raises(SetupError, match=f"needs port 636 of {spot.address}"):
            spot.lab().start()


def test_without_root_the_lab_says_that_it_needs_root() -> None:
    program = (
        "import os; from deploy.dev.lab.__main__ import main; os.seteuid(65534); raise SystemExit(main())"
    )
    command = [sys.executable, "-c", program, "up"]
    words = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert words.returncode == 1
    assert words.stderr == (
        "The lab runs a domain controller in its own namespaces and needs root for that.\n"
    )


def test_files_with_secrets_are_readable_by_their_owner_only(lab: Lab) -> None:
    assert {(lab.home / name).stat().st_mode & 0o777 for name in ("lab.json", "ca.key")} == {0o600}
