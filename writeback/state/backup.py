"""Backup and restore of a SQLite state; PostgreSQL has its own tools."""

import sqlite3
from contextlib import closing
from pathlib import Path

from writeback.envelope.secret import Secret
from writeback.envelope.sqlite_copy import copy_database, path_by_time
from writeback.state.migrations import StateUnusable
from writeback.state.store import State


def back_up(state: State, target: Path) -> Path:
    """Copy a SQLite state into one file of mode 0600 and return its path; workers may keep running.

    The file appears complete or not at all. The copy has no keys: keep those elsewhere.

    Args:
        state: the state to copy.
        target: a new file, or a folder, in which the file is named after the time (UTC).

    Raises:
        StateUnusable: the state is PostgreSQL, or the file exists or can't be written.
    """
    if state.path is None:
        raise StateUnusable("The state is PostgreSQL: back it up with pg_dump.")
    try:
        named = path_by_time(target, "state", "db") if target.is_dir() else target
        copy_database(state.path, named)
    except FileExistsError:
        raise StateUnusable(
            f"The backup can't be written: {target} exists. Name a folder, and each backup gets its own name."
        ) from None
    except (OSError, sqlite3.Error) as error:
        raise StateUnusable(f"The backup can't be written: {error}.") from None
    return named


def restore(backup: Path, target: Path, *, known: bytes | None = None) -> None:
    """Restore a state from a backup, for this machine.

    Args:
        backup: a file that `back_up` wrote.
        target: path of the state; it must not exist, and no worker may run.
        known: the id of the state that the keys belong to, if there is one.

    Raises:
        StateUnusable: the file is not a backup or of another state, or the target exists.
    """
    if target.exists():
        raise StateUnusable(f"{target} exists: stop the workers and move it away first.")
    try:
        with closing(sqlite3.connect(f"{backup.absolute().as_uri()}?mode=ro", uri=True)) as source:
            source.execute("SELECT value FROM meta WHERE name = 'schema'").fetchone()
        copy_database(backup, target)
    except (OSError, sqlite3.Error) as error:
        raise StateUnusable(f"{backup} can't be restored: {error}.") from None
    try:
        State(Secret(f"sqlite:///{target.absolute()}"), adopt=True, known=known).close()
    except StateUnusable:
        target.unlink()
        raise
