"""What a worker leaves for the doctor of its host."""

import os
import subprocess
from pathlib import Path
from threading import Event, Thread, current_thread, main_thread

import pytest

from writeback.sign_of_life import SILENT, Life, SignOfLife, last_sign

pytestmark = pytest.mark.linux

CEILING = bytes(range(32))


def test_a_heartbeat_and_its_fault_are_kept(tmp_path: Path) -> None:
    now = [1000.0]
    life = SignOfLife(tmp_path, CEILING, now=lambda: now[0])

    def refuse(_: bytes) -> None:
        raise OSError("Redis can't be reached")

    assert last_sign(tmp_path) is None
    life.note_beats(lambda _: None)(b"beat")
    now[0] = 1030.0
    with pytest.raises(OSError, match="reached"):
        life.note_beats(refuse)(b"beat")

    assert last_sign(tmp_path) == Life(
        pid=os.getpid(), seen=1030.0, beat=1000.0, trouble="Redis can't be reached", ceiling=CEILING.hex()
    )
    now[0] = 1060.0
    life.show()
    assert last_sign(tmp_path) == Life(
        pid=os.getpid(), seen=1060.0, beat=1000.0, trouble="Redis can't be reached", ceiling=CEILING.hex()
    )
    life.note_beats(lambda _: None)(b"")  # taken back: nothing is announced
    found = last_sign(tmp_path)
    assert found is not None
    assert (found.beat, found.trouble) == (0, "")
    life.end()
    assert last_sign(tmp_path) is None


def test_a_late_sign_does_not_revive_an_ended_process(tmp_path: Path) -> None:
    life = SignOfLife(tmp_path, CEILING)
    life.show()
    life.end()
    life.show()
    life.note_beats(lambda _: None)(b"beat")

    assert last_sign(tmp_path) is None


def test_a_sign_that_comes_while_another_is_written_takes_nothing_back(tmp_path: Path) -> None:
    ends = Event()

    def now() -> float:
        """Let the other thread in, where a writer has read what it is about to replace."""
        if current_thread() is not main_thread():
            return 2.0
        other.start()
        ends.wait(0.2)
        return 1.0

    life = SignOfLife(tmp_path, CEILING, now=lambda: 0.0)

    def beat() -> None:
        life.note_beats(lambda _: None)(b"beat")
        ends.set()

    other = Thread(target=beat)
    life._now = now
    life.show()
    other.join()

    found = last_sign(tmp_path)
    assert found is not None
    assert found.beat == 2.0


def test_a_vanished_or_silent_process_is_over(tmp_path: Path) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()

    assert Life(pid=gone.pid, seen=1000.0).is_over(1000.0)
    assert not Life(pid=os.getpid(), seen=1000.0).is_over(1000.0 + SILENT)
    assert Life(pid=os.getpid(), seen=1000.0).is_over(1001.0 + SILENT)


@pytest.mark.parametrize("content", ["", "7", "[]", "{}", '{"pid": 1}'])
def test_a_file_that_is_damaged_counts_as_a_worker_that_is_over(tmp_path: Path, content: str) -> None:
    (tmp_path / "worker.life").write_text(content)
    found = last_sign(tmp_path)

    assert found is not None
    assert found.is_over(0)


def test_an_unwritable_folder_does_not_end_the_worker(tmp_path: Path) -> None:
    told: list[bytes] = []
    SignOfLife(tmp_path / "none", CEILING).note_beats(told.append)(b"beat")

    assert told == [b"beat"]
