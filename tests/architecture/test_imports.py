"""Who may import whom: import-linter's contracts of pyproject.toml, and a worker that knows no Django."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

pytestmark = pytest.mark.slow


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_contracts_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    result = run(str(linter), "--no-cache")
    assert result.returncode == 0, result.stdout


def test_the_worker_loads_no_django() -> None:
    result = run(
        sys.executable,
        "-c",
        "import sys, writeback.worker\n"
        "print(*(name for name in ('django.conf', 'django.db', 'django.apps') if name in sys.modules))",
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == []


def test_a_look_at_a_workers_state_loads_no_broker() -> None:
    result = run(
        sys.executable,
        "-c",
        "import sys, writeback.cli.status, writeback.cli.revoke, writeback.cli.doctor.directories\n"
        "print(*(name for name in ('celery', 'kombu', 'writeback.worker') if name in sys.modules))",
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == []


def test_nothing_under_deploy_knows_the_tests() -> None:
    for path in (ROOT / "deploy").rglob("*"):
        if path.suffix in {".py", ".sh"}:
            known = re.findall(r"^\s*(?:from|import) tests\b|\btests\.", path.read_text(), flags=re.MULTILINE)
            assert not known, path
