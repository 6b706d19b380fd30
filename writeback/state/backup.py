"""Backup and restore of a SQLite state while workers run; PostgreSQL has tools of its own."""

import sqlite3
from contextlib import closing
from pathlib import Path

from writeback.envelope.secret import Secret
from writeback.envelope.sqlite_copy import copy_database, named_by_time
from writeback.state.migrations import StateUnusable
from writeback.state.store import State


def back_up(state: State, target: Path) -> Path:
    """Copy a SQLite state into one file of mode 0600, and return it; workers may go on meanwhile.

    The file is there whole or not at all. The keyring is not in the copy: keep that apart.

    Args:
        state: what is copied.
        target: a file that does not exist yet, or a folder, in which the file is named by the time (UTC).

    Raises:
        StateUnusable: the state is PostgreSQL, or the file exists or can't be written.
    """
    if state.path is None:
        raise StateUnusable("The state is PostgreSQL: back it up with pg_dump.")
    try:
        named = named_by_time(target, "state", "db") if target.is_dir() else target
        copy_database(state.path, named)
    except FileExistsError:
        raise StateUnusable(
            f"The backup can't be written: {target} exists. Name a folder, and each gets a name of its own."
        ) from None
    except (OSError, sqlite3.Error) as error:
        raise StateUnusable(f"The backup can't be written: {error}.") from None
    return named


def restore(backup: Path, target: Path, *, known: bytes | None = None) -> None:
    """Make a state out of a backup, for this machine.

    Args:
        backup: what `back_up` wrote.
        target: where the state is to be; nothing may be there, and no worker may run.
        known: the id of the state that the keys belong to, if there is one.

    Raises:
        StateUnusable: the backup is none or of another state, or there is a state already.
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
