"""Opening the state, and the two ways to use it: reading, and writing one at a time."""

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
from writeback.state.owners import FileOwners, Owners, PostgresOwners
from writeback.state.tables import hits, meta, metadata

_PATIENCE = 5.0
"""Seconds that a writer waits for SQLite: for those of its own process, and in what is left for others."""
_PROBE = "probe"  # counted for nobody, and taken back in the same turn
_WRITERS = 0x6B657962  # "keyb": the advisory lock that PostgreSQL writers take in turn

# A host that vanished must not hold its turn for hours, nor keep others waiting for it: both ends look
# whether the other still lives, a turn is waited for no longer than SQLite's is, and none stands idle.
_POSTGRES: Mapping[str, Any] = {
    "connect_timeout": 3,
    "keepalives_idle": 30,
    "tcp_user_timeout": 10_000,  # milliseconds
    "options": "-c lock_timeout=5s -c idle_in_transaction_session_timeout=15s -c tcp_keepalives_idle=30"
    " -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3",
}


_WHICH = (
    "Workers on several machines need one PostgreSQL state; correct [site] state. A lost state is brought "
    'back with "writeback restore". Only where it is lost for good, remove state.id from the folder of keys '
    'and run "writeback setup": then everybody registers anew.'
)
_NONE_HERE = f"There is no state, and the keys belong to one that was made before. {_WHICH}"


class State:
    """The site's memory.

    Args:
        url: SQLAlchemy URL: sqlite:////path/to/state.db or postgresql+psycopg://…
        host: what names this machine; a SQLite state serves the machine that made it and no other.
        adopt: True takes a SQLite state over from another machine (after a restore).
        known: the id of the state that is wanted (16 bytes); None takes any, or makes a new one.

    Attributes:
        id: names this state, 16 random bytes.

    Raises:
        StateUnusable: a wrong URL, version or host, another state than the known one, or a file that can't be
            opened.
    """

    id: bytes

    def __init__(
        self, url: Secret, *, host: str = "", adopt: bool = False, known: bytes | None = None
    ) -> None:
        self._known = known
        self._engine, writer, self.path = _engines_for(url)
        # Made once: options that are given to a connection are worked out again for each use of it.
        self._writers = {
            lasting: writer.execution_options(keyback_writes=True, keyback_lasts=lasting)
            for lasting in (True, False)
        }
        try:
            self._prepare(host or host_id(), adopt=adopt)
            self.owners: Owners = (
                FileOwners(self.path.with_name(f"{self.path.name}-owners"))
                if self.path
                else PostgresOwners(self._engine)
            )
        except StateUnusable:
            self._dispose()
            raise
        except (DBAPIError, sqlite3.Error, OSError) as error:
            self._dispose()
            raise StateUnusable(f"The state can't be opened: {_cause(error)}.") from None

    @contextmanager
    def writing(self, *, lasting: bool = True) -> Iterator[Connection]:
        """Open a transaction that no other writer overlaps; it is on disk when the block has ended.

        Args:
            lasting: False lets a power cut take it back, though not the death of this process. Every later
                transaction that lasts takes it to the disk too.

        Raises:
            StateAway: the state can't be read or written; nothing of the block was kept.
        """
        with self._guarded(), self._turn(lasting=lasting) as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that only reads.

        Raises:
            StateAway: the state can't be read.
        """
        with self._guarded(), self._engine.connect() as connection, connection.begin():
            yield connection

    def is_alive(self, owner: bytes) -> bool:
        """Tell whether the process that took this id still lives.

        Raises:
            StateAway: that can't be told now.
        """
        with self._guarded():
            return self.owners.is_alive(owner)

    def hold(self) -> None:
        """See to it that others find this process alive.

        Raises:
            StateAway: the state can't be asked now.
        """
        with self._guarded():
            self.owners.hold()

    def is_known(self) -> bool:
        """Tell whether the state still has the version that this worker knows.

        Raises:
            StateAway: the state can't be read.
        """
        with self.reading() as tx:
            return version_of(tx) == str(SCHEMA)

    def is_up(self) -> bool:
        """Tell whether something can be written that lasts; tried twice: a turn may be long in coming."""
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
        """Let go of everything, the lock of this process included."""
        self.owners.close()
        self._dispose()

    def _dispose(self) -> None:
        self._engine.dispose()
        self._writers[True].dispose()  # both are one pool

    @contextmanager
    def _turn(self, *, lasting: bool = True) -> Iterator[Connection]:
        """Wait until no other writes: SQLite by BEGIN IMMEDIATE, PostgreSQL by a lock of the transaction."""
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
    def _guarded(self) -> Iterator[None]:
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
    """Return what names this machine: its machine-id, or its host name where there is none."""
    try:
        return Path("/etc/machine-id").read_text(encoding="ascii").strip() or socket.gethostname()
    except OSError:
        return socket.gethostname()


def _identify(connection: Connection, known: bytes | None) -> bytes:
    """Return what names this state: random, made with it, and the same in every backup of it.

    A state that was made before states had ids takes the known one.
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

    Writers of one process take turns for SQLite's one connection: each finds in its cache what the one before
    left there, and none sleeps and asks again whether the file is free.
    """
    try:
        parsed = make_url(url.reveal())
    except (ArgumentError, ValueError):
        raise StateUnusable("[site] state is no database URL.") from None
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
    # Said to the driver itself: what SQLAlchemy does around a statement takes far longer than these do.
    driver: Any = connection.connection.driver_connection
    if driver.in_transaction:  # a COMMIT that failed leaves one open, and SQLAlchemy does not end it
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
    """The library's own words, without the statement and its values."""
    return str(getattr(error, "orig", None) or error).split("\n", 1)[0]
