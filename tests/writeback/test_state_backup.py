"""A backup is there whole or not at all, whatever happens meanwhile; so is what is restored."""

import errno
import os
import resource
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from writeback.envelope.secret import Secret
from writeback.state import State, StateUnusable, back_up, restore


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with closing(State(Secret(f"sqlite:///{tmp_path}/s.db"))) as opened:
        yield opened


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond so many bytes, as where the disk is full."""
    usual = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, usual)


def test_a_disk_that_becomes_full_leaves_no_part_of_a_backup(state: State, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    with full_disk(8192), pytest.raises(StateUnusable, match="can't be written"):
        back_up(state, folder)
    assert list(folder.iterdir()) == []
    assert back_up(state, folder).parent == folder


def test_a_share_without_hard_links_is_named_as_the_reason(
    state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def link(source: Path, target: Path) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), str(source), None, str(target))

    folder = tmp_path / "share"
    folder.mkdir()
    monkeypatch.setattr(os, "link", link)  # as Linux answers on FAT: the tests can't mount one
    with pytest.raises(StateUnusable, match=f"{folder} lies on a file system without hard links"):
        back_up(state, folder)
    assert list(folder.iterdir()) == []


def test_a_disk_that_becomes_full_leaves_no_part_of_a_state(state: State, tmp_path: Path) -> None:
    made = back_up(state, tmp_path / "copy")
    target = tmp_path / "new" / "state.db"
    target.parent.mkdir()
    with full_disk(8192), pytest.raises(StateUnusable, match="can't be restored"):
        restore(made, target)
    assert list(target.parent.iterdir()) == []
    restore(made, target)
    assert target.exists()


def test_a_state_that_is_damaged_is_reported_at_the_backup_and_not_at_the_restore(
    state: State, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "s.db")) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    state.close()
    content = bytearray((tmp_path / "s.db").read_bytes())
    for page in range(4096, len(content), 4096):
        content[page] = 0xFF  # no kind of page
    (tmp_path / "s.db").write_bytes(content)
    with pytest.raises(StateUnusable, match=r"can't be written: .*(damaged|malformed)"):
        back_up(state, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


@pytest.mark.parametrize("target", ["none/copy", "s.db/copy"])
def test_a_place_that_can_t_be_written_to_is_reported(state: State, tmp_path: Path, target: str) -> None:
    with pytest.raises(StateUnusable, match="can't be written"):
        back_up(state, tmp_path / target)
