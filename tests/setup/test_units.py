"""The systemd units that ship: well formed, startable from the checkout, and ready when they say so."""

import http.client
import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy.dev.processes import end, spawn
from tests.architecture.sources import ROOT
from tests.portal.test_settings import GOOD

UNITS = sorted((ROOT / "deploy" / "systemd").iterdir())
INSTALLER = (ROOT / "deploy" / "install" / "install.sh").read_text()
HOME = "/opt/keyback"


def of(unit: str) -> str:
    """Return a unit's text with its continued lines joined."""
    return (ROOT / "deploy" / "systemd" / unit).read_text().replace("\\\n", " ")


def value(unit: str, name: str) -> str:
    (found,) = [line.partition("=")[2] for line in of(unit).splitlines() if line.startswith(f"{name}=")]
    return found


def test_units_start_programs_of_the_checkout_and_are_installed() -> None:
    units = "".join(path.read_text() for path in UNITS)
    assert "-m writeback.cli.main run" in units
    assert {"manage.py", "portal.wsgi:application"} <= set(units.split())
    assert [unit.name for unit in UNITS if unit.name not in INSTALLER] == []


@pytest.mark.parametrize(
    ("unit", "kept", "gone"),
    [
        ("keyback-backup.service", "state-2026-11-20T031500Z.db", ".state-x.db.7.part"),
        ("keyback-portal-backup.service", "portal-2026-11-20T031500Z.sqlite3", ".portal-x.sqlite3.7.part"),
    ],
)
def test_only_old_backups_are_removed(tmp_path: Path, unit: str, kept: str, gone: str) -> None:
    find, folder, *how = shlex.split(value(unit, "ExecStartPost"))
    assert folder == shlex.split(value(unit, "ExecStart"))[-1] == value(unit, "ReadWritePaths")
    assert folder in INSTALLER
    ages = {kept: 29, f"{kept[:-20]}old{kept[-8:]}": 32, gone: 3, f"{gone}.part": 0, "notes.txt": 400}
    for name, days in ages.items():
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time.time() - days * 86400,) * 2)
    subprocess.run([find, str(tmp_path), *how], check=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([kept, f"{gone}.part", "notes.txt"])


@pytest.mark.debian
@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="this machine has no systemd")
def test_systemd_accepts_all_units(tmp_path: Path) -> None:
    for program in ("python", "gunicorn"):
        path = tmp_path / ".venv" / "bin" / program
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to("/bin/true")
    for unit in UNITS:
        (tmp_path / unit.name).write_text(unit.read_text().replace(HOME, str(tmp_path)))
    units = [str(tmp_path / unit.name) for unit in UNITS]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, check=False
    )
    about_ours = [line for line in done.stderr.splitlines() if "keyback" in line]
    assert (done.returncode, about_ours) == (0, []), done.stderr


@pytest.mark.debian
@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="this machine has no systemd")
def test_systemd_rates_each_service_as_confined() -> None:
    """Its measure goes from 0 (confined) to 10; the option takes ten times that."""
    services = [str(unit) for unit in UNITS if unit.suffix == ".service"]
    measure = ["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=20"]
    done = subprocess.run([*measure, *services], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]


@pytest.mark.parametrize("unit", ["keyback-portal.service", "keyback-writeback.service"])
def test_both_services_tell_systemd_when_they_are_ready(unit: str) -> None:
    assert value(unit, "Type") == "notify"


@pytest.mark.slow
@pytest.mark.linux
def test_the_portal_answers_connections_once_it_says_that_it_is_ready(tmp_path: Path) -> None:
    """Its command is the unit's; connections that come before its process is up wait, and are answered."""
    gunicorn, *arguments = shlex.split(value("keyback-portal.service", "ExecStart"))
    assert gunicorn == f"{HOME}/.venv/bin/gunicorn"
    box = tmp_path / "gunicorn.sock"
    command = [argument.replace("/run/keyback-portal/gunicorn.sock", str(box)) for argument in arguments]
    assert f"unix:{box}" in command
    address = str(tmp_path / "notify")
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("KEYBACK_", "DJANGO_"))}
    environment = kept | GOOD | {"KEYBACK_DATA": str(tmp_path), "NOTIFY_SOCKET": address}
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address)
        manager.settimeout(60)
        log = tmp_path / "portal.log"
        process = spawn([sys.executable, "-m", "gunicorn", *command], log=log, env=environment, cwd=ROOT)
        try:
            assert manager.recv(1000).startswith(b"READY=1"), log.read_text()
            with socket.socket(socket.AF_UNIX) as visitor:
                visitor.settimeout(30)
                visitor.connect(str(box))
                visitor.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                response = http.client.HTTPResponse(visitor)
                response.begin()
                assert (response.status, response.read()) == (200, b"ok\n"), log.read_text()
        finally:
            end(process)
