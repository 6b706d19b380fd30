"""Opens the state, and gives access to it: reading, or writing one at a time."""

import math
import secrets
import socket
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    create_engine,
    delete,
    event,
    insert,
    inspect,
    make_url,
    select,
    text,
    update,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from writeback.envelope.secret import Secret
from writeback.ports import StateAway
from writeback.state.migrations import SCHEMA, StateUnusable, migrate, version_of
from writeback.state.processes import FileProcesses, PostgresProcesses, Processes
from writeback.state.tables import hits, meta, metadata

_PATIENCE = 5.0
"""Seconds that a writer waits for SQLite: first for its own process, then for others in the time left."""
_PROBE = "probe"  # counts for nobody and is taken back in the same transaction
_WRITERS = 0x6B657962  # "keyb": the advisory lock that PostgreSQL writers take in turn

# A host that vanished must not hold the lock for hours: both ends check whether the other is alive, waiting
# for the lock is as short as on SQLite, and a transaction may not stay idle.
_POSTGRES: Mapping[str, Any] = {
    "connect_timeout": 3,
    "keepalives_idle": 30,
    "tcp_user_timeout": 10_000,  # milliseconds
    "options": "-c lock_timeout=5s -c idle_in_transaction_session_timeout=15s -c tcp_keepalives_idle=30"
    " -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3",
}


_WHICH = (
    "Workers on several machines need one PostgreSQL state; correct [site] state. Restore a lost state "
    'with "writeback restore". Only if it is lost for good, remove state.id from the folder of keys '
    'and run "writeback setup": then everybody has to register again.'
)
_NONE_HERE = f"There is no state here, but the keys belong to an older one. {_WHICH}"


class State:
    """The site's state.

    Args:
        url: SQLAlchemy URL: sqlite:////path/to/state.db or postgresql+psycopg://…
        host: id of this machine; a SQLite state serves only the machine that made it.
        adopt: True takes over a SQLite state from another machine (after a restore).
        known: the id of the expected state (16 bytes); None takes any, or makes a new one.

    Attributes:
        id: 16 random bytes that identify this state.

    Raises:
        StateUnusable: the URL, version or host is wrong, it is not the known state, or the file can't be
            opened.
    """

    id: bytes

    def __init__(
        self, url: Secret, *, host: str = "", adopt: bool = False, known: bytes | None = None
    ) -> None:
        self._known = known
        self._engine, writer, self.path = _engines_for(url)
        # Made once: options given to a connection would be worked out again for each use of it.
        self._writers = {
            lasting: writer.execution_options(keyback_writes=True, keyback_lasts=lasting)
            for lasting in (True, False)
        }
        try:
            self._prepare(host or host_id(), adopt=adopt)
            self.processes: Processes = (
                FileProcesses(self.path.with_name(f"{self.path.name}-owners"))
                if self.path
                else PostgresProcesses(self._engine)
            )
        except StateUnusable:
            self._dispose()
            raise
        except (DBAPIError, sqlite3.Error, OSError) as error:
            self._dispose()
            raise StateUnusable(f"The state can't be opened: {_cause(error)}.") from None

    @contextmanager
    def writing(self, *, lasting: bool = True) -> Iterator[Connection]:
        """Open a transaction that no other writer overlaps; at the end of the block it is on disk.

        Args:
            lasting: False means that a power cut may undo it, though not the death of this process. The next
                lasting transaction writes it to disk too.

        Raises:
            StateAway: the state can't be read or written; nothing of the block was kept.
        """
        with self._raise_state_away(), self._turn(lasting=lasting) as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that only reads.

        Raises:
            StateAway: the state can't be read.
        """
        with self._raise_state_away(), self._engine.connect() as connection, connection.begin():
            yield connection

    def is_alive(self, process: bytes) -> bool:
        """Tell whether the process with this id is still alive.

        Raises:
            StateAway: the state can't be asked now.
        """
        with self._raise_state_away():
            return self.processes.is_alive(process)

    def hold(self) -> None:
        """Keep this process visible as alive to the others.

        Raises:
            StateAway: the state can't be asked now.
        """
        with self._raise_state_away():
            self.processes.hold()

    def is_known(self) -> bool:
        """Tell whether the state still has the version that this worker knows.

        Raises:
            StateAway: the state can't be read.
        """
        with self.reading() as tx:
            return version_of(tx) == str(SCHEMA)

    def is_up(self) -> bool:
        """Tell whether a lasting write succeeds; tries twice, since the wait for the lock may be long."""
        return self._can_write() or self._can_write()

    def _can_write(self) -> bool:
        try:
            with self.writing() as tx:
                tx.execute(insert(hits).values(subject=_PROBE, at=0.0, ticket=b""))
                tx.execute(delete(hits).where(hits.c.subject == _PROBE))
        except StateAway:
            return False
        return True

    def close(self) -> None:
        """Release everything, including the lock of this process."""
        self.processes.close()
        self._dispose()

    def _dispose(self) -> None:
        self._engine.dispose()
        self._writers[True].dispose()  # both are one pool

    @contextmanager
    def _turn(self, *, lasting: bool = True) -> Iterator[Connection]:
        """Wait until no other writer is active: by BEGIN IMMEDIATE on SQLite, by a lock on PostgreSQL."""
        writer = self._writers[lasting]
        if self.path is None:
            with writer.connect() as connection, connection.begin():
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITERS})
                if not lasting:
                    connection.execute(text("SET LOCAL synchronous_commit TO off"))
                yield connection
            return
        began = time.monotonic()
        with writer.connect() as connection:
            left = began + _PATIENCE - time.monotonic()
            connection.info["patience"] = max(1, math.ceil(left))
            with connection.begin():
                yield connection

    @contextmanager
    def _raise_state_away(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError:
            raise
        except PoolTimeout:
            raise StateAway("The state can't be used: no connection to it was free in time.") from None
        except (DBAPIError, sqlite3.Error, OSError) as error:
            raise StateAway(f"The state can't be used: {_cause(error)}.") from None

    def _prepare(self, host: str, *, adopt: bool) -> None:
        if self.path:
            if self._known and not self.path.exists():
                raise StateUnusable(_NONE_HERE)
            self.path.touch(mode=0o600)
        with self._turn() as connection:
            if not inspect(connection).has_table("meta"):
                if self._known:
                    raise StateUnusable(_NONE_HERE)
                metadata.create_all(connection)
                connection.execute(insert(meta), [{"name": "schema", "value": str(SCHEMA)}])
            migrate(connection)
            self.id = _identify(connection, self._known)
            if self._known and self._known != self.id:
                raise StateUnusable(
                    f"The keys belong to the state {self._known.hex()}, and this is {self.id.hex()}: "
                    f"all workers of a site must share one state. {_WHICH}"
                )
            if self.path:
                _settle_in(connection, host, adopt=adopt)


def host_id() -> str:
    """Return an id for this machine: its machine-id, or its host name if there is none."""
    try:
        return Path("/etc/machine-id").read_text(encoding="ascii").strip() or socket.gethostname()
    except OSError:
        return socket.gethostname()


def _identify(connection: Connection, known: bytes | None) -> bytes:
    """Return the id of this state: random, made with it, and the same in every backup of it.

    A state that is older than these ids takes the known one.
    """
    found = connection.execute(select(meta.c.value).where(meta.c.name == "id")).scalar_one_or_none()
    if found is None:
        found = (known or secrets.token_bytes(16)).hex()
        connection.execute(insert(meta).values(name="id", value=found))
    return bytes.fromhex(found)


def _settle_in(connection: Connection, host: str, *, adopt: bool) -> None:
    found = connection.execute(select(meta.c.value).where(meta.c.name == "host")).scalar_one_or_none()
    if found is None:
        connection.execute(insert(meta).values(name="host", value=host))
    elif found != host and adopt:
        connection.execute(update(meta).where(meta.c.name == "host").values(value=host))
    elif found != host:
        raise StateUnusable(
            "This SQLite state belongs to another machine. Workers on several machines need a PostgreSQL "
            'state; after a move, run "writeback restore" here.'
        )


def _engines_for(url: Secret) -> tuple[Engine, Engine, Path | None]:
    """Return the engine to read with, the one to write with, and SQLite's path.

    Writers of one process share SQLite's one connection: each finds a warm cache, and none has to sleep and
    retry until the file is free.
    """
    try:
        parsed = make_url(url.reveal())
    except (ArgumentError, ValueError):
        raise StateUnusable("[site] state is not a database URL.") from None
    if parsed.get_backend_name() == "postgresql":
        engine = create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            hide_parameters=True,
            pool_pre_ping=True,
            pool_timeout=5,
            connect_args=dict(_POSTGRES),
        )
        return engine, engine, None
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        raise StateUnusable("[site] state must be a sqlite:////path or a postgresql://… URL.")
    path = Path(parsed.database)
    return _sqlite_engine(parsed), _sqlite_engine(parsed, pool_size=1, max_overflow=0), path


def _sqlite_engine(url: URL, **pool: int) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,
        connect_args={"timeout": _PATIENCE},
        pool_timeout=_PATIENCE,
        pool_reset_on_return=None,  # every use is a transaction that has ended by then
        **pool,
    )
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin where we say so
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # Sent to the driver itself: SQLAlchemy's overhead takes far longer than these statements.
    driver: Any = connection.connection.driver_connection
    if driver.in_transaction:  # a failed COMMIT leaves one open, and SQLAlchemy does not end it
        driver.rollback()
    options = connection.get_execution_options()
    if not options.get("keyback_writes"):
        driver.execute("BEGIN")
        return
    _set(connection, "synchronous", "FULL" if options["keyback_lasts"] else "NORMAL")
    _set(connection, "busy_timeout", str(connection.info["patience"] * 1000))
    driver.execute("BEGIN IMMEDIATE")


def _set(connection: Connection, pragma: str, value: str) -> None:
    if connection.info.get(pragma) != value:
        driver: Any = connection.connection.driver_connection
        driver.execute(f"PRAGMA {pragma}={value}")
        connection.info[pragma] = value


def _cause(error: BaseException) -> str:
    """Return the library's own text, without the statement and its values."""
    return str(getattr(error, "orig", None) or error).split("\n", 1)[0]
