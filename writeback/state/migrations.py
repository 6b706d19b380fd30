"""Versions of the state: what brings an older one to today's tables, on SQLite and PostgreSQL."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, inspect, select, text, update

from writeback.state.tables import meta, metadata


class NewColumn(NamedTuple):
    """A column that a version adds to a table; SQLite can't add one only where it is missing."""

    table: str
    name: str
    kind: str


class StateUnusable(Exception):  # noqa: N818  # read aloud at the start, then the worker ends
    """The state can't be used by this worker at all; the text is one sentence for the admin."""


SCHEMA = 4
MIGRATIONS: Mapping[int, Sequence[str | NewColumn]] = {
    1: (
        NewColumn("attempts", "pwd_last_set", "BIGINT NOT NULL DEFAULT 0"),
        "CREATE INDEX IF NOT EXISTS attempts_person ON attempts (directory, guid)",
        NewColumn("attempts", "typed", "VARCHAR(32) NOT NULL DEFAULT ''"),
    ),
    2: (
        (
            "CREATE TABLE IF NOT EXISTS tries (whose {bytes} NOT NULL, source VARCHAR(16) NOT NULL, "
            "began {double} NOT NULL, wrong INTEGER NOT NULL, in_a_row INTEGER NOT NULL, "
            "last {double} NOT NULL, rests_until {double} NOT NULL, PRIMARY KEY (whose, source))"
        ),
        "CREATE INDEX IF NOT EXISTS tries_last ON tries (last)",
        NewColumn("attempts", "chain", "VARCHAR(32) NOT NULL DEFAULT ''"),
        (
            "CREATE TABLE IF NOT EXISTS chains (chain {bytes} NOT NULL, directory VARCHAR(64) NOT NULL, "
            "guid {bytes} NOT NULL, at {double} NOT NULL, PRIMARY KEY (chain, directory, guid))"
        ),
        "CREATE INDEX IF NOT EXISTS chains_person ON chains (directory, guid)",
    ),
    3: (NewColumn("outbox", "channel", "VARCHAR(16) NOT NULL DEFAULT 'mail'"),),
}
"""What brings version n to n + 1; only forward. A type in braces has another name in each dialect.

Every step can be taken again. An older state is taken through all of them, whatever its number: commits
between two versions made some of the next one's tables under a number of their own choice.
"""
_TYPES: Mapping[str, Mapping[str, str]] = {
    "sqlite": {"bytes": "BLOB", "double": "DOUBLE"},
    "postgresql": {"bytes": "BYTEA", "double": "DOUBLE PRECISION"},
}


def version_of(connection: Connection) -> str | None:
    """Return the version that stands in a state; None where none does."""
    return connection.execute(select(meta.c.value).where(meta.c.name == "schema")).scalar_one_or_none()


def migrate(connection: Connection) -> None:
    """Bring an older state to today's version.

    Raises:
        StateUnusable: it has a version that is not known here, or lacks a part that no step adds.
    """
    found = version_of(connection)
    version = int(found) if found and found.isdigit() else 0
    if version in MIGRATIONS:
        for steps in MIGRATIONS.values():
            for step in steps:
                _take(step, connection)
    elif version != SCHEMA:
        raise StateUnusable(
            f"The state has version {found} and this worker knows version {SCHEMA}: "
            "run the worker that wrote it, or restore a backup that fits."
        )
    missing = _missing(connection)
    if missing:
        raise StateUnusable(f"The state lacks {', '.join(missing)}: restore a backup that has it.")
    if version != SCHEMA:
        connection.execute(update(meta).where(meta.c.name == "schema").values(value=str(SCHEMA)))


def _take(step: str | NewColumn, connection: Connection) -> None:
    if isinstance(step, str):
        connection.execute(text(step.format_map(_TYPES[connection.dialect.name])))
        return
    if step.name not in {column["name"] for column in inspect(connection).get_columns(step.table)}:
        connection.execute(text(f"ALTER TABLE {step.table} ADD COLUMN {step.name} {step.kind}"))


def _missing(connection: Connection) -> list[str]:
    """Return the tables and columns that today's worker uses and the state has not."""
    looked = inspect(connection)
    there = {
        name: {column["name"] for column in looked.get_columns(name)} for name in looked.get_table_names()
    }
    return [
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if column.name not in there.get(table.name, set())
    ]
