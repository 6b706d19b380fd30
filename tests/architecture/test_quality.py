"""The tools that judge the whole tree: types, style, templates, migrations, deployment settings."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

pytestmark = pytest.mark.slow

BIN = Path(sys.executable).parent
PRODUCTION = {
    "KEYBACK_SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "KEYBACK_HOSTS": "keyback.corp.example",
    "KEYBACK_REDIS_URL": "rediss://redis.corp.example:6379/0",
}


@pytest.mark.parametrize(
    "command",
    [
        ("mypy",),
        ("ruff", "check"),
        ("ruff", "format", "--check"),
        ("djlint", "templates", "--check", "--lint", "--quiet"),
        pytest.param(
            ("biome", "check", "--error-on-warnings"),
            marks=pytest.mark.skipif(
                (sys.platform, platform.machine()) != ("linux", "x86_64"),
                reason="biome has a wheel for Linux on x86-64 only (decision 0074)",
            ),
        ),
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_the_tree_is_clean(command: tuple[str, ...]) -> None:
    tool, *arguments = command
    result = subprocess.run([BIN / tool, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.debian
def test_shell_scripts_are_clean() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    files = [ROOT / name for name in listed.stdout.split("\0") if name]
    scripts = [path for path in files if path.is_file() and path.read_bytes().startswith(b"#!/bin/sh\n")]
    assert len(scripts) >= 7
    result = subprocess.run(["shellcheck", *scripts], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    "arguments",
    [("makemigrations", "--check", "--dry-run"), ("check", "--deploy", "--fail-level", "WARNING")],
)
def test_django_has_nothing_to_say(arguments: tuple[str, ...], tmp_path: Path) -> None:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("KEYBACK_")},
        **PRODUCTION,
        "KEYBACK_DATA": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }
    result = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
