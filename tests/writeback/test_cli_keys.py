"""Keys, pairing and the switch, by command."""

import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.terminal import Terminal
from tests.writeback.worker_files import WorkerFiles
from writeback.audit import lines
from writeback.cli.main import main
from writeback.envelope.keyring import SigningKey
from writeback.envelope.pairing import read_site_enrolment, write_portal_enrolment

pytestmark = pytest.mark.slow

PORTAL = SigningKey.generate()
TEXT = write_portal_enrolment(PORTAL)
COMMANDS = (
    *("run", "setup", "doctor", "grant", "status", "enable", "disable"),
    *("rollover", "revoke", "backup", "restore", "audit"),
)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The keys of a site; making them takes a second, so that all tests here have the same ones."""
    made = WorkerFiles(tmp_path_factory.mktemp("site"))
    assert made.run("setup") == 0
    return made.folder / "keys"


@pytest.fixture
def fresh(tmp_path: Path) -> WorkerFiles:
    """Before the first setup."""
    return WorkerFiles(tmp_path)


@pytest.fixture
def files(fresh: WorkerFiles, keys: Path) -> WorkerFiles:
    """After it."""
    # Each test has a state of its own.
    shutil.copytree(keys, fresh.folder / "keys", ignore=shutil.ignore_patterns("state.id"))
    return fresh


def pair(files: WorkerFiles) -> int:
    return files.run("setup", "--portal", TEXT, "--fingerprint", PORTAL.public.fingerprint)


def test_setup_makes_keys_that_only_their_owner_can_read(fresh: WorkerFiles) -> None:
    assert fresh.run("setup") == 0

    kept = [path for path in (fresh.folder / "keys").iterdir() if path.suffix == ".key"]
    assert {path.name.partition("-")[0].removesuffix(".key") for path in kept} == {"identity", "rsa", "state"}
    assert {path.stat().st_mode & 0o777 for path in kept} == {0o600}


def test_setup_prints_what_the_portal_needs_and_nothing_secret(
    files: WorkerFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    files.run("setup", "--workers", "w1,w2")

    printed = capsys.readouterr().out
    text = next(line for line in printed.splitlines() if len(line) > 100)
    enrolment = read_site_enrolment(text)
    assert (enrolment.site, enrolment.workers, enrolment.directories) == ("main", ("w1", "w2"), ("corp",))
    assert enrolment.redis == "rediss://redis.corp.example:6379/0"
    assert enrolment.key.fingerprint in printed
    assert "hush" not in printed


def test_setup_twice_keeps_the_keys(files: WorkerFiles, capsys: pytest.CaptureFixture[str]) -> None:
    files.run("setup")
    first = capsys.readouterr().out
    files.run("setup")

    assert capsys.readouterr().out == first


def test_a_portal_is_paired_by_its_fingerprint(
    files: WorkerFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    assert pair(files) == 0
    assert files.run("status") == 0

    assert PORTAL.public.fingerprint in capsys.readouterr().out
    assert [line.event for line in lines(files.folder / "audit.jsonl")] == ["portal.paired"]


def test_a_portal_with_another_fingerprint_is_not_paired(
    files: WorkerFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    other = SigningKey.generate().public.fingerprint

    assert files.run("setup", "--portal", TEXT, "--fingerprint", other) == 2
    assert files.run("status") == 1
    assert "fingerprints differ" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["x", TEXT[:-3], TEXT.replace(TEXT[20], "!"), "ü"])
def test_a_text_that_was_incomplete_is_refused(
    files: WorkerFiles, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    assert files.run("setup", "--portal", text, "--fingerprint", PORTAL.public.fingerprint) == 2
    assert "That text is incomplete" in capsys.readouterr().err


@pytest.mark.parametrize(
    "stdin", [None, io.StringIO(""), io.StringIO("yes\n")], ids=["closed", "empty", "pipe"]
)
def test_without_a_terminal_setup_says_how_the_fingerprint_is_given_and_changes_nothing(
    fresh: WorkerFiles,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    stdin: io.StringIO | None,
) -> None:
    monkeypatch.setattr(sys, "stdin", stdin)
    before = sorted(fresh.folder.rglob("*"))
    assert fresh.run("setup", "--portal", TEXT) == 2
    told = capsys.readouterr().err
    assert "no terminal to ask at, so nothing was changed" in told
    assert "--fingerprint" in told
    assert "differ" not in told
    assert sorted(fresh.folder.rglob("*")) == before


def test_without_a_terminal_a_damaged_text_is_told_and_nothing_is_changed(
    fresh: WorkerFiles, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    before = sorted(fresh.folder.rglob("*"))
    assert fresh.run("setup", "--portal", "keyback-portal-1:abc") == 2
    told = capsys.readouterr().err
    assert "That text is incomplete" in told
    assert "terminal" not in told
    assert sorted(fresh.folder.rglob("*")) == before


@pytest.mark.parametrize("stdin", [None, io.StringIO("")], ids=["closed", "empty"])
def test_without_a_terminal_setup_leaves_the_pairing_for_later(
    files: WorkerFiles,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    stdin: io.StringIO | None,
) -> None:
    monkeypatch.setattr(sys, "stdin", stdin)
    assert files.run("setup") == 0
    assert "Then pair with: writeback setup --portal STRING" in capsys.readouterr().out


@pytest.mark.parametrize("typed", ["", "no\n", "y\n"])
def test_a_fingerprint_that_is_not_confirmed_at_the_terminal_pairs_nothing(
    files: WorkerFiles, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], typed: str
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    assert files.run("setup", "--portal", TEXT) == 2
    assert "The fingerprint was not confirmed: nothing was paired." in capsys.readouterr().err
    assert files.run("status") == 1


def test_a_fingerprint_is_confirmed_at_the_terminal(
    files: WorkerFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("yes\n"))
    assert files.run("setup", "--portal", TEXT) == 0
    assert files.run("status") == 0


def test_disable_forgets_the_portal_at_once_and_enable_does_not_bring_it_back(files: WorkerFiles) -> None:
    pair(files)

    assert files.run("disable") == 0
    assert not (files.folder / "keys" / "portal.pub").exists()
    assert pair(files) == 2, "a switched-off site can't be paired"
    assert files.run("enable") == 0
    assert files.run("status") == 1
    assert pair(files) == 0
    events = [line.event for line in lines(files.folder / "audit.jsonl")]
    assert events == ["portal.paired", "writeback.disabled", "writeback.enabled", "portal.paired"]


def test_rollover_makes_new_keys_and_keeps_the_old_ones_for_a_while(files: WorkerFiles) -> None:
    keys = files.folder / "keys"

    assert files.run("rollover", "--state") == 0
    assert len(list(keys.glob("rsa-*.key"))) == 2
    assert len(list(keys.glob("state-*.key"))) == 2


def test_a_command_before_setup_says_what_to_run(
    fresh: WorkerFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fresh.run("status") == 2
    assert "writeback setup" in capsys.readouterr().err


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a folder that belongs to somebody else")
@pytest.mark.parametrize("command", ["setup", "status", "doctor"])
@pytest.mark.parametrize(("user", "name"), [(65534, "nobody"), (54321, "'#54321'")])
def test_no_file_is_made_as_another_user_than_the_worker(
    fresh: WorkerFiles, capsys: pytest.CaptureFixture[str], command: str, user: int, name: str
) -> None:
    (fresh.folder / "keys").mkdir(mode=0o700)
    os.chown(fresh.folder / "keys", user, user)
    before = sorted(fresh.folder.rglob("*"))

    assert fresh.run(command) == 2
    assert f"sudo -u {name}" in "".join(capsys.readouterr())
    assert sorted(fresh.folder.rglob("*")) == before


def test_a_wrong_configuration_is_reported_in_sentences_and_without_a_traceback(
    files: WorkerFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    files.replace('name = "main"', 'nmae = "main"')

    assert files.run("status") == 2
    assert '[site] nmae: is not a setting; did you mean "name"?' in capsys.readouterr().err


def test_a_configuration_that_is_not_there_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["status", "--config", str(tmp_path / "none.toml")]) == 2
    assert "none.toml can't be read" in capsys.readouterr().err


def test_the_program_explains_itself() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "writeback.cli.main", "--help"], capture_output=True, text=True, check=True
    )

    for command in COMMANDS:
        assert f"\n    {command} " in done.stdout
