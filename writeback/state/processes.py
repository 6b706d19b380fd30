"""Tells which worker processes are alive: each holds a lock, which its death releases."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError


class Processes(Protocol):
    """Tells living processes from dead ones by their ids; holds this process's own id."""

    me: bytes

    def is_alive(self, process: bytes) -> bool:
        """Tell whether the process with this id (16 bytes) is still alive."""
        ...

    def hold(self) -> None:
        """Take the lock again if it was lost while this process is alive; called with the heartbeats."""
        ...

    def close(self) -> None:
        """Release the lock, as death would."""
        ...


class FileProcesses:
    """Locks on files beside the SQLite database; the kernel releases them however a process ends."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        self._folder = folder
        self.me, self._lock = self._take()
        for left in folder.glob("*.lock"):
            # Another user's command may have left files that this process can't remove; they do no harm.
            with suppress(OSError, ValueError):
                self.is_alive(bytes.fromhex(left.stem))

    def _take(self) -> tuple[bytes, int]:
        while True:
            me = os.urandom(16)
            lock = os.open(self._path(me), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(lock, fcntl.LOCK_EX)
            # Before the file was locked, another process may have removed it as a dead one's.
            if os.fstat(lock).st_nlink:
                return me, lock
            os.close(lock)

    def _path(self, process: bytes) -> Path:
        return self._folder / f"{process.hex()}.lock"

    def is_alive(self, process: bytes) -> bool:
        if process == self.me:
            return True
        try:
            handle = os.open(self._path(process), os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Removed while locked: once released, a new process could already hold it.
            self._path(process).unlink(missing_ok=True)
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
        return False

    def hold(self) -> None:
        """Do nothing: the kernel keeps a lock on a file for as long as the process lives."""

    def close(self) -> None:
        if self._lock >= 0:
            self._path(self.me).unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = -1


class PostgresProcesses:
    """Advisory locks on a separate connection; the server releases them when the connection is gone."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.me = os.urandom(16)
        self._connection = self._take()

    def _take(self) -> Connection:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.detach()  # closing it must end the session, and with it the lock
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _number(self.me)})
        return connection

    def is_alive(self, process: bytes) -> bool:
        if process == self.me:
            return True
        with self._engine.connect() as connection:
            key = {"key": _number(process)}
            free = connection.execute(text("SELECT pg_try_advisory_lock(:key)"), key).scalar_one()
            if free:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), key)
            return not free

    def hold(self) -> None:
        """Check whether the session is still alive; a restarted server has lost the lock."""
        if not self._stands():
            self._connection = self._take()

    def _stands(self) -> bool:
        if self._connection.closed:
            return False
        try:
            self._connection.execute(text("SELECT 1"))
        except DBAPIError:
            self._connection.close()  # SQLAlchemy would switch to another session, which has no lock
            return False
        return True

    def close(self) -> None:
        self._connection.close()


def _number(process: bytes) -> int:
    return int.from_bytes(process[:8], "big", signed=True)
