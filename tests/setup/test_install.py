"""The installation on a real host: only the packages that run, in the versions that were tested."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
INSTALL = ROOT / "deploy" / "install" / "install.sh"
PINNED = re.compile(r"^([a-z0-9][a-z0-9.-]*==\S+)", re.MULTILINE)


def pinned(lock: str) -> set[str]:
    return set(PINNED.findall((ROOT / lock).read_text()))


def test_production_has_the_same_versions_as_the_tests() -> None:
    production, everything = pinned("requirements-run.lock"), pinned("requirements.lock")
    assert production < everything
    assert not {line for line in production if line.startswith(("pytest", "playwright", "uv=", "aiosmtpd"))}


def test_the_lock_of_production_names_no_package_index() -> None:
    lock = (ROOT / "requirements-run.lock").read_text()
    assert "://" not in lock
    assert "--index" not in lock.replace("--no-emit-index-url", "")


def test_the_installer_refuses_another_folder_than_that_of_the_services(tmp_path: Path) -> None:
    script = tmp_path / "deploy" / "install" / "install.sh"
    script.parent.mkdir(parents=True)
    script.write_text(INSTALL.read_text())
    done = subprocess.run(["sh", str(script), "worker"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("Not installed: ")
    assert [path.name for path in tmp_path.iterdir()] == ["deploy"]
