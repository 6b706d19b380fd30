"""The worker's audit: what was written can't be changed unseen, and a crash or a full disk loses nothing."""

import fcntl
import json
import multiprocessing
import os
import resource
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from writeback.audit import AuditFile, BadLineError, Checkpoint, checkpoints, lines, verify
from writeback.envelope.errors import EnvelopeError
from writeback.envelope.keyring import CHECKPOINT_LABEL, SigningKey

KEY = SigningKey.generate()


def sign(body: bytes) -> bytes:
    return KEY.sign(CHECKPOINT_LABEL, body)


def is_signed(point: Checkpoint) -> bool:
    try:
        KEY.public.verify(CHECKPOINT_LABEL, point.signature, point.body())
    except EnvelopeError:
        return False
    return True


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "audit.jsonl"


def fill(path: Path, count: int, *, dc: str = "dc1") -> None:
    """Write so many lines; two chains of one millisecond differ only where `dc` does."""
    audit = AuditFile(path)
    for number in range(1, count + 1):
        audit.record("reset-applied", reference="ABCD-EFGH", number=number, unlocked=True, dc=dc)


def problem(path: Path) -> str:
    return verify(path, is_signed=is_signed).problem


def test_events_are_read_back_in_order(path: Path) -> None:
    audit = AuditFile(path, now=lambda: 1_790_000_000.5)
    audit.record("attempt-opened", reference="ABCD-EFGH", operation="reset")
    audit.record("reset-applied", reference="ABCD-EFGH", unlocked=False, ms=31)

    first, second = lines(path)

    assert (first.seq, first.event, first.reference) == (1, "attempt-opened", "ABCD-EFGH")
    assert first.time == "2026-09-21T14:13:20.500Z"
    assert second.facts == {"ms": 31, "unlocked": False}
    assert second.prev == first.hash
    assert verify(path, is_signed=is_signed).lines == 2


def test_only_the_owner_can_read_the_file(path: Path) -> None:
    fill(path, 1)

    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["two\nlines", "\x00", "\ud800", '"}{"', "ünï", "x" * 100_000])
def test_no_fact_breaks_out_of_its_line(path: Path, text: str) -> None:
    AuditFile(path).record("odd", reference=text[:20], fact=text)

    (line,) = lines(path)
    assert line.facts["fact"] == text[:2000]


def swap(raw: list[bytes]) -> None:
    raw[2], raw[3] = raw[3], raw[2]


def edit(raw: list[bytes]) -> None:
    raw[2] = raw[2].replace(b'"dc1"', b'"dc2"')


def respace(raw: list[bytes]) -> None:
    raw[2] = raw[2].replace(b'"dc1"', b'"dc1" ')


def remove(raw: list[bytes]) -> None:
    del raw[2]


def double(raw: list[bytes]) -> None:
    raw.insert(3, raw[2])


def empty(raw: list[bytes]) -> None:
    raw[2] = b"\n"


def behead(raw: list[bytes]) -> None:
    del raw[0]


def bury(raw: list[bytes]) -> None:
    raw[2] = b"[" * 100_000 + b"\n"


@pytest.mark.parametrize(
    ("tamper", "line"),
    [(swap, 3), (edit, 3), (respace, 3), (remove, 3), (double, 4), (empty, 3), (behead, 1), (bury, 3)],
)
def test_the_first_line_that_was_tampered_with_is_named(
    path: Path, tamper: Callable[[list[bytes]], None], line: int
) -> None:
    fill(path, 6)
    raw = path.read_bytes().splitlines(keepends=True)
    tamper(raw)
    path.write_bytes(b"".join(raw))

    assert problem(path).startswith(f"audit.jsonl, line {line}: ")


def test_a_line_that_was_rewritten_with_a_fitting_hash_is_found_by_its_successor(path: Path) -> None:
    fill(path, 4)
    raw = path.read_bytes().splitlines(keepends=True)
    other = path.with_name("other.jsonl")
    fill(other, 1, dc="dc2")
    AuditFile(other).record("harmless", reference="")
    path.write_bytes(raw[0] + other.read_bytes().splitlines(keepends=True)[1] + raw[2] + raw[3])

    assert problem(path).startswith("audit.jsonl, line 2: ")


def test_lines_cut_from_the_end_are_missed_by_the_checkpoint(path: Path) -> None:
    fill(path, 5)
    AuditFile(path).checkpoint(sign)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:3]))

    assert "ends at line 3" in problem(path)


def test_a_whole_chain_that_was_made_anew_is_seen_by_the_checkpoint(path: Path) -> None:
    fill(path, 3)
    AuditFile(path).checkpoint(sign)
    path.unlink()
    fill(path, 5, dc="dc2")

    assert "Line 3 is not what" in problem(path)


def test_a_checkpoint_of_another_key_is_refused(path: Path) -> None:
    fill(path, 3)
    AuditFile(path).checkpoint(lambda body: SigningKey.generate().sign(CHECKPOINT_LABEL, body))

    assert "not signed by this site" in problem(path)


def test_a_checkpoint_says_how_long_the_chain_is(path: Path) -> None:
    fill(path, 3)

    made = AuditFile(path).checkpoint(sign)

    assert made.seq == 3
    assert checkpoints(path) == [made]
    assert problem(path) == ""


def test_a_torn_last_line_is_kept_and_the_chain_goes_on(path: Path) -> None:
    fill(path, 3)
    whole = path.read_bytes()
    path.write_bytes(whole[:-40])

    AuditFile(path).record("worker-started", reference="")

    events = [line.event for line in lines(path)]
    assert events == ["reset-applied", "reset-applied", "audit-torn", "worker-started"]
    assert path.with_name("audit.jsonl.torn").read_bytes()[:-1] in whole
    assert problem(path) == ""


def test_a_torn_first_line_is_kept_too(path: Path) -> None:
    path.write_bytes(b'{"event":')

    AuditFile(path).record("worker-started", reference="")

    assert [line.event for line in lines(path)] == ["audit-torn", "worker-started"]


def test_a_last_line_that_was_tampered_with_is_still_named_after_more_was_written(path: Path) -> None:
    fill(path, 3)
    path.write_bytes(path.read_bytes()[:-5] + b'x"}\n')

    fill(path, 2)

    assert problem(path).startswith("audit.jsonl, line 3: ")


def test_threads_write_whole_lines_of_one_chain(path: Path) -> None:
    audit = AuditFile(path)

    def write() -> None:
        for number in range(50):
            audit.record("e", reference="", number=number)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert verify(path, is_signed=is_signed).lines == 400


def test_processes_write_whole_lines_of_one_chain(path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=fill, args=(path, 60)) for _ in range(3)]
    for process in processes:
        process.start()
    fill(path, 60)
    for process in processes:
        process.join()

    assert verify(path, is_signed=is_signed).lines == 240


def test_a_long_file_is_set_aside_and_the_chain_runs_through_all_of_them(path: Path) -> None:
    one, two = AuditFile(path, rotate_at=2000), AuditFile(path, rotate_at=2000)
    for number in range(20):
        one.record("one", reference="", number=number)
        two.record("two", reference="", number=number)

    assert len(list(path.parent.glob("audit.jsonl.0*"))) > 2
    assert verify(path, is_signed=is_signed).lines == 40
    assert [line.event for line in lines(path)] == ["one", "two"] * 20


def test_a_rotated_file_that_is_gone_is_noticed(path: Path) -> None:
    audit = AuditFile(path, rotate_at=1000)
    for number in range(20):
        audit.record("one", reference="", number=number)
    sorted(path.parent.glob("audit.jsonl.0*"))[1].unlink()

    assert "lines were removed" in problem(path)


def test_an_event_that_cannot_be_written_is_written_later(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    audit = AuditFile(path)
    audit.record("before", reference="")
    path.rename(path.with_name("aside"))
    path.mkdir()

    audit.record("meanwhile", reference="R", number=1)
    down = audit.is_up()
    path.rmdir()
    path.with_name("aside").rename(path)

    assert not down
    assert "can't be written" in caplog.text
    assert audit.is_up()
    assert [line.event for line in lines(path)] == ["before", "meanwhile"]


def write_on_a_full_disk(path: Path) -> None:
    """In a process of its own: the limit on the size of files stands for a disk that fills up in mid-line."""
    audit = AuditFile(path)
    audit.record("before", reference="")
    size = path.stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 50, resource.RLIM_INFINITY))
    audit.record("meanwhile", reference="")
    full = path.stat().st_size == size and not audit.is_up()
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    os._exit(0 if full and audit.is_up() else 1)


def test_a_full_disk_leaves_no_half_line(path: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(target=write_on_a_full_disk, args=(path,))
    process.start()
    process.join()

    assert process.exitcode == 0
    assert [line.event for line in lines(path)] == ["before", "meanwhile"]


def test_a_missing_audit_is_a_problem_and_no_exception(path: Path) -> None:
    assert "can't be read" in problem(path)


def test_reading_a_bad_chain_stops_at_the_bad_line(path: Path) -> None:
    fill(path, 2)
    with path.open("ab") as stream:
        stream.write(json.dumps({"seq": 3}).encode() + b"\n")

    with pytest.raises(BadLineError, match=r"audit\.jsonl, line 3: does not have the fields"):
        list(lines(path))


@pytest.mark.parametrize(
    ("changes", "end", "says"),
    [
        ({"seq": "3"}, b"\n", "has a field of the wrong kind"),
        ({"event": None}, b"\n", "has a field of the wrong kind"),
        ({"facts": []}, b"\n", "has a field of the wrong kind"),
        ({}, b"", "is torn: only a part of it was written"),
    ],
    ids=["a text for a number", "no event", "a list of facts", "no line feed"],
)
def test_a_bad_line_is_told_with_what_is_wrong_with_it(
    path: Path, changes: dict[str, object], end: bytes, says: str
) -> None:
    fill(path, 1)
    body = json.loads(path.read_bytes()) | changes
    path.write_bytes(json.dumps(body, sort_keys=True, separators=(",", ":")).encode() + end)
    assert problem(path) == f"audit.jsonl, line 1: {says}."


def test_a_process_that_keeps_the_file_stops_no_other(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    audit = AuditFile(path, patience=0.05)
    audit.record("first", reference="")
    with path.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        audit.record("second", reference="")
        assert not audit.is_up()
    assert audit.is_up()
    assert path.read_text().count("second") == 1
