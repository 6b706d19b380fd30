"""The portal's database is backed up while it runs, as often as one likes, and a backup is a whole portal."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.portal.test_settings import start

pytestmark = pytest.mark.slow


def test_a_backup_is_restored_by_putting_it_in_the_databases_place(tmp_path: Path) -> None:
    first, second, folder = tmp_path / "first", tmp_path / "second", tmp_path / "backups"
    second.mkdir()
    folder.mkdir()
    password = tmp_path / "password"
    password.write_text("A-long-pass-phrase-77")
    assert start(first, "migrate", "--verbosity", "0").returncode == 0
    assert start(first, "create_admin", "anna", "--password-file", str(password)).returncode == 0
    ran = start(first, "backup", str(folder))
    assert ran.returncode == 0, ran.stderr
    (made,) = folder.iterdir()
    assert re.fullmatch(r"portal-\d{4}-\d\d-\d\dT\d{6}Z\.sqlite3", made.name)
    assert made.stat().st_mode & 0o777 == 0o600
    made.rename(second / "portal.sqlite3")
    ran = start(second, "verify_audit")
    assert "1 events, unbroken" in ran.stdout + ran.stderr
    assert start(second, "migrate", "--check").returncode == 0
    with closing(sqlite3.connect(second / "portal.sqlite3")) as restored:
        assert restored.execute("SELECT username FROM people_account").fetchall() == [("anna",)]


@pytest.mark.parametrize(("target", "told"), [("taken", "Name a folder"), ("none/copy", "can't be written")])
def test_a_backup_that_cannot_be_written_fails_and_overwrites_nothing(
    tmp_path: Path, target: str, told: str
) -> None:
    (tmp_path / "taken").write_text("dear")
    assert start(tmp_path / "data", "migrate", "web", "--verbosity", "0").returncode == 0
    ran = start(tmp_path / "data", "backup", str(tmp_path / target))
    assert ran.returncode == 2
    assert told in ran.stderr
    assert "Traceback" not in ran.stderr
    assert (tmp_path / "taken").read_text() == "dear"
