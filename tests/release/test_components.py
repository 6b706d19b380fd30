"""The list of components and the licences cover what production installs."""

import json
import subprocess
from pathlib import Path

import pytest

from deploy.dev.release.__main__ import checksums
from deploy.dev.release.components import bill_of_materials, licences, read_lock
from tests.architecture.sources import ROOT

LOCK = (ROOT / "requirements-run.lock").read_text(encoding="utf-8")
AT = "2026-11-30T12:00:00Z"


def test_every_package_of_the_lock_is_a_component_with_hashes() -> None:
    components = read_lock(LOCK)
    pinned = [line.partition("==")[0] for line in LOCK.splitlines() if "==" in line and line[0].isalnum()]
    assert [one.name for one in components] == [name.partition("[")[0] for name in pinned]
    assert len(components) > 20
    assert all(one.hashes for one in components)


def test_the_same_input_makes_the_same_bill_of_materials() -> None:
    components = read_lock(LOCK)
    first, second = (bill_of_materials("1.2.3", components, at=AT) for _ in range(2))
    assert json.dumps(first) == json.dumps(second)
    assert first["specVersion"] == "1.6"
    django = next(one for one in first["components"] if one["name"] == "django")
    assert django["purl"] == f"pkg:pypi/django@{django['version']}"
    assert django["licenses"][0]["license"]["name"].startswith("BSD")


def test_each_installed_package_has_its_licence_and_text() -> None:
    text = licences(read_lock(LOCK))
    assert "\nldap3 " in text
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in text.upper()


@pytest.mark.linux
def test_sha256sum_accepts_the_checksums(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("one")
    (tmp_path / "b").write_text("two")
    (tmp_path / "SHA256SUMS").write_text(checksums(tmp_path))
    command = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "a: OK\nb: OK\n")
