"""Copies a SQLite database, completely or not at all; both sides make their backups with it."""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

# The errors of link(2) on network shares and FAT under Linux.
_WITHOUT_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS}


def copy_database(source: Path, target: Path) -> None:
    """Copy a database into one new file of mode 0600; others may write to the source meanwhile.

    Args:
        source: the database, which is not changed.
        target: the new file; it appears when the copy is complete, sound and on the disk, and never replaces
            another file.

    Raises:
        FileExistsError: the target exists.
        OSError, sqlite3.Error: a file can't be read or written, or the database is damaged.
    """
    uri = f"{source.absolute().as_uri()}?mode=ro"
    with (
        closing(sqlite3.connect(uri, uri=True)) as opened,
        _write_completely(target) as part,
        closing(sqlite3.connect(part)) as copy,
    ):
        opened.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # so that it stays one file while it is read
        if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise sqlite3.DatabaseError("what was copied is damaged")


def path_by_time(folder: Path, name: str, ending: str) -> Path:
    """Return a path for a copy that is named after the present time: `name-2026-11-20T031500Z.ending`."""
    return folder / f"{name}-{datetime.now(UTC):%Y-%m-%dT%H%M%S}Z.{ending}"


@contextmanager
def _write_completely(target: Path) -> Iterator[Path]:
    """Yield a file to write to; it gets its name when it is complete on the disk, and goes after an error."""
    if target.exists():
        raise FileExistsError(target)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        yield part
        _sync(part)
        _link(part, target)
        _sync(target.parent)
    finally:
        part.unlink()


def _link(part: Path, target: Path) -> None:
    """Give a file its name with a hard link, which unlike a rename never replaces another file."""
    try:
        os.link(part, target)
    except OSError as error:
        if error.errno not in _WITHOUT_LINKS:
            raise
        raise OSError(
            f"{target.parent} lies on a file system without hard links, with which a copy gets its name and "
            "writes over nothing; copy to another one, and from there"
        ) from error


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
