"""Backup and restore, the audit, and the commands that delegate rights."""

import json
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from string import Template

import pytest

from tests.writeback.worker_files import WorkerFiles
from writeback.assembly import open_context, open_vault
from writeback.audit import AuditFile
from writeback.cli.grant import redis_lines
from writeback.clock import SystemClock
from writeback.envelope.secret import Secret
from writeback.ports import Channel, Head, Note
from writeback.state import SqlAnchors, State, put

NOTE = Note(
    kind="notice-reset", channel=Channel.MAIL, to=Secret("alice@example.com"), locale="en", parameters={}
)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The keys of a site; making them takes a second, so that all tests here have the same ones."""
    made = WorkerFiles(tmp_path_factory.mktemp("site"))
    made.run("setup")
    return made.folder / "keys"


@pytest.fixture
def files(tmp_path: Path, keys: Path) -> WorkerFiles:
    # Each test has a state of its own.
    shutil.copytree(keys, tmp_path / "keys", ignore=shutil.ignore_patterns("state.id"))
    return WorkerFiles(tmp_path)


def queue_a_note(files: WorkerFiles) -> None:
    config = files.config()
    context = open_context(config, open_vault(config), SystemClock())
    with context.state.writing() as tx:
        put(tx, context.keys, [NOTE], now=4e9)
    context.state.close()


def test_a_restore_brings_back_the_backed_up_state(
    files: WorkerFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    queue_a_note(files)

    assert files.run("backup", str(files.folder / "copy")) == 0
    assert (files.folder / "copy").stat().st_mode & 0o777 == 0o600
    for left in files.folder.glob("state.db*"):
        if left.is_file():
            left.unlink()
    assert files.run("restore", str(files.folder / "copy")) == 0
    capsys.readouterr()
    files.run("status")
    assert "mails waiting  1" in capsys.readouterr().out


def test_a_backup_never_writes_over_a_file(files: WorkerFiles, capsys: pytest.CaptureFixture[str]) -> None:
    (files.folder / "copy").write_text("dear")

    assert files.run("backup", str(files.folder / "copy")) == 2
    assert (files.folder / "copy").read_text() == "dear"
    assert "exists. Name a folder" in capsys.readouterr().err


def test_backups_into_a_folder_have_names_of_their_own_and_each_can_be_restored(
    files: WorkerFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = files.folder / "backups"
    folder.mkdir()
    queue_a_note(files)
    assert files.run("backup", str(folder)) == 0
    (made,) = folder.iterdir()
    assert re.fullmatch(r"state-\d{4}-\d\d-\d\dT\d{6}Z\.db", made.name)
    assert str(made) in capsys.readouterr().out
    made.rename(folder / "state-2026-11-20T031500Z.db")
    queue_a_note(files)
    assert files.run("backup", str(folder)) == 0
    first, second = sorted(folder.iterdir())
    for backup, waiting in ((first, 1), (second, 2)):
        for left in files.folder.glob("state.db*"):
            if left.is_file():
                left.unlink()
        assert files.run("restore", str(backup)) == 0
        capsys.readouterr()
        files.run("status")
        assert f"mails waiting  {waiting}" in capsys.readouterr().out


def test_a_restore_never_writes_over_a_state(files: WorkerFiles, capsys: pytest.CaptureFixture[str]) -> None:
    files.run("backup", str(files.folder / "copy"))

    assert files.run("restore", str(files.folder / "copy")) == 2
    assert "move it away first" in capsys.readouterr().err


def test_the_audit_is_shown_by_reference_and_event(
    files: WorkerFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    audit = AuditFile(files.folder / "audit.jsonl")
    audit.record("reset.applied", reference="ABCD-EFGH", dc="dc1\n\x1b[31m")
    audit.record("reset.applied", reference="WXYZ-2345", dc="dc2")
    audit.record("mail.sent", reference="ABCD-EFGH", kind="notice-reset")
    capsys.readouterr()

    files.run("audit", "show", "--reference", "abcd-efgh")
    shown = capsys.readouterr().out.splitlines()
    files.run("audit", "show", "--event", "reset.applied", "--json", "--last", "1")
    (last,) = map(json.loads, capsys.readouterr().out.splitlines())

    assert len(shown) == 2
    assert "\x1b" not in shown[0]
    assert last["facts"] == {"dc": "dc2"}


@pytest.mark.parametrize("reference", ["ABCD-EFGH", "WXYZ-2345"])
def test_the_reference_of_an_attempt_and_of_the_job_that_opened_it_show_the_same_events(
    files: WorkerFiles, capsys: pytest.CaptureFixture[str], reference: str
) -> None:
    audit = AuditFile(files.folder / "audit.jsonl")
    audit.record("signin", reference="WXYZ-2345", outcome="done")
    audit.record("attempt.opened", reference="ABCD-EFGH", asked_as="WXYZ-2345")
    audit.record("attempt.opened", reference="QRST-6767", asked_as="MNOP-4545")
    audit.record("factor.added", reference="ABCD-EFGH")

    assert files.run("audit", "show", "--reference", reference) == 0
    shown = [line.split()[2] for line in capsys.readouterr().out.splitlines()]
    assert shown == ["signin", "attempt.opened", "factor.added"]


@pytest.mark.parametrize("noted", ["olib-2xhd", "0LIB 2XHD", "O118-2XHD", "oiib2xhd"])
def test_the_audit_is_shown_by_a_reference_however_it_was_noted_down(
    files: WorkerFiles, capsys: pytest.CaptureFixture[str], noted: str
) -> None:
    audit = AuditFile(files.folder / "audit.jsonl")
    audit.record("reset.applied", reference="OLIB-2XHD")
    audit.record("reset.applied", reference="OLIB-2XHE")
    assert files.run("audit", "show", "--reference", noted) == 0
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()] == ["OLIB-2XHD"]


def test_an_invalid_reference_is_named_as_such(
    files: WorkerFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    AuditFile(files.folder / "audit.jsonl").record("reset.applied", reference="ABCD-EFGH")
    assert files.run("audit", "show", "--reference", "ABCD") == 2
    assert '"ABCD" is not a reference' in capsys.readouterr().err


def test_the_audit_is_shown_of_a_time(files: WorkerFiles, capsys: pytest.CaptureFixture[str]) -> None:
    path = files.folder / "audit.jsonl"
    times = [datetime(2026, 11, 20, hour, tzinfo=UTC).timestamp() for hour in range(8, 12)]
    audit = AuditFile(path, now=iter(times).__next__)
    for hour in range(8, 12):
        audit.record("write.outcome", reference="", hour=hour)
    assert files.run("audit", "show", "--since", "2026-11-20T09:00", "--until", "2026-11-20T12:00+01:00") == 0
    shown = capsys.readouterr().out
    assert [hour for hour in range(8, 12) if f"hour={hour}" in shown] == [9, 10]
    assert files.run("audit", "show", "--since", "yesterday") == 2
    assert '"yesterday" is not a time' in capsys.readouterr().err


def test_an_audit_without_such_an_event_says_so(
    files: WorkerFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    AuditFile(files.folder / "audit.jsonl").record("mail.sent", reference="ABCD-EFGH")
    assert files.run("audit", "show", "--reference", "ZZZZ-ZZZZ") == 1
    assert capsys.readouterr().err == "No event matches.\n"


def test_an_audit_that_was_tampered_with_is_reported_by_both_commands(
    files: WorkerFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    path = files.folder / "audit.jsonl"
    AuditFile(path).record("reset.applied", reference="ABCD-EFGH", dc="dc1")
    assert files.run("audit", "verify") == 0
    path.write_text(path.read_text().replace("dc1", "dc2"))

    assert files.run("audit", "verify") == 1
    assert "audit.jsonl, line 1: was changed" in capsys.readouterr().out
    assert files.run("audit", "show") == 2
    assert "writeback audit verify" in capsys.readouterr().err


def test_grant_prints_the_redis_users_that_are_shipped(files: WorkerFiles) -> None:
    shipped = Template(Path("deploy/redis/users.acl").read_text()).safe_substitute(
        portal_password="SHA256", worker_password="SHA256", worker="w1", site="main"
    )

    assert redis_lines(files.config()) == tuple(
        line for line in shipped.splitlines() if line.startswith("user ")
    )


def test_the_admin_has_the_portal_s_audit_taken_as_it_is_now(
    files: WorkerFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    state = State(files.config().site.state)
    anchors = SqlAnchors(state, SystemClock())
    anchors.advance(Head(number=7, hash=b"a" * 32), since=Head())

    assert files.run("audit", "reanchor") == 0
    assert "event 7" in capsys.readouterr().out
    assert anchors.last() is None
    state.close()
    assert files.run("audit", "show", "--event", "portal.audit-forgotten") == 0
    assert (b"a" * 32).hex() in capsys.readouterr().out
    assert files.run("audit", "reanchor") == 0
    assert "nothing to forget" in capsys.readouterr().out
