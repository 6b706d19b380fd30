"""`make setup` prints nothing if there is nothing to do, and says in one sentence what it cannot do."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.architecture.sources import ROOT

pytestmark = pytest.mark.debian

SCRIPT = Path("deploy/dev/setup/setup.sh")
PLAIN = ["sh", "dirname", "grep", "id", "tr", "python3", "rm", "env"]


@pytest.fixture
def bare_machine() -> Iterator[Path]:
    """A checkout and a `bin` with hardly any program in it, readable for everybody.

    It does not lie among pytest's own folders: each run of pytest closes those to others again.
    """
    with TemporaryDirectory() as name:
        home = Path(name)
        home.chmod(0o755)
        (home / SCRIPT).parent.mkdir(parents=True)
        shutil.copy(ROOT / SCRIPT, home / SCRIPT)
        (home / "bin").mkdir()
        for program in PLAIN:
            (home / "bin" / program).symlink_to(f"/usr/bin/{program}")
        yield home


def run(machine: Path, *before: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*before, "/bin/sh", str(machine / SCRIPT)],
        env={"PATH": str(machine / "bin"), "HOME": "/nonexistent"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_second_run_of_setup_prints_nothing() -> None:
    # A make within make says which folder it enters.
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))
    }
    done = subprocess.run(
        ["make", "setup"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_setup_without_apt_names_the_missing_packages(bare_machine: Path) -> None:
    done = run(bare_machine)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(
        "Keyback cannot be set up here: it needs apt-get to install redis-server chromium"
    )


def test_setup_without_root_says_what_needs_root(bare_machine: Path) -> None:
    (bare_machine / "bin" / "apt-get").symlink_to("/usr/bin/false")
    done = run(bare_machine, "/usr/bin/setpriv", "--reuid", "65534", "--clear-groups")
    assert done.returncode == 1
    assert done.stderr.startswith(
        "Keyback cannot be set up here: it needs root to install redis-server chromium"
    )


def test_the_lock_names_no_package_index() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    assert "--index" not in lock.replace("--no-emit-index-url", "")
