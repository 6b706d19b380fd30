"""An interrupted build leaves nothing that a later start would use, and nothing on the host."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.dev.processes import wait_until
from tests.architecture.sources import ROOT
from tests.lab.test_life import living_in, mounts, namespaces_below


@pytest.mark.lab
def test_a_killed_build_leaves_no_root_folder(tmp_path: Path) -> None:
    """If the host's own Samba is new enough, nothing is built, and the test has nothing to check."""
    mounted = mounts()
    command = [sys.executable, "-m", "deploy.dev.lab", "build"]
    environment = os.environ | {"KEYBACK_CACHE": str(tmp_path)}
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        log = tmp_path / "lab-root.log"
        begun = wait_until(lambda: process.poll() is not None or _has_words(log), seconds=60)
        assert begun
        namespaces = namespaces_below(process.pid)
        process.send_signal(signal.SIGKILL)
    assert wait_until(lambda: living_in(*namespaces) == [], seconds=5)
    assert not (tmp_path / "lab-root").exists()
    assert mounts() == mounted


def _has_words(log: Path) -> bool:
    return log.exists() and "Retrieving" in log.read_text()
