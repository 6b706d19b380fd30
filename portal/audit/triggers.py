"""Triggers by which the database itself refuses to change or remove an event, or to move the head back.

Whoever may change the database's schema can drop them. They stop mistakes, scripts, and attackers who can
write rows but not change the schema; `verify_audit` is for the others.
"""

from collections.abc import Iterator
from typing import Any

_KEPT = "Audit events are kept as they are."
_FORWARD = "The head of the audit moves forward only."
_NAMES = {
    "audit_event": ("audit_event_is_not_changed", "audit_event_is_not_removed", "audit_event_is_not_emptied"),
    "audit_head": ("audit_head_moves_forward", "audit_head_is_not_removed", "audit_head_is_not_emptied"),
}
_REMOVALS = ("_is_not_removed", "_is_not_emptied")


def create(connection: Any) -> None:
    """Create the triggers.

    Args:
        connection: Django's connection to SQLite or PostgreSQL.
    """
    make = _on_postgresql if connection.vendor == "postgresql" else _on_sqlite
    _run(connection, make())


def drop(connection: Any, *, removals_only: bool = False) -> None:
    """Remove the triggers.

    Args:
        connection: Django's connection to SQLite or PostgreSQL.
        removals_only: True keeps the triggers that refuse changes.
    """
    _run(connection, _list_drops(connection.vendor == "postgresql", removals_only=removals_only))


def _run(connection: Any, statements: Iterator[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _on_sqlite() -> Iterator[str]:
    for table, (changed, removed, _) in _NAMES.items():
        when = "WHEN NEW.number <= OLD.number " if table == "audit_head" else ""
        why = _FORWARD if table == "audit_head" else _KEPT
        for name, moment, reason in (
            (changed, f"UPDATE ON {table} {when}", why),
            (removed, f"DELETE ON {table} ", _KEPT),
        ):
            yield f"CREATE TRIGGER {name} BEFORE {moment}BEGIN SELECT RAISE(ABORT, '{reason}'); END"


def _on_postgresql() -> Iterator[str]:
    yield (
        "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_KEPT}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for table, (changed, removed, emptied) in _NAMES.items():
        when = "WHEN (NEW.number <= OLD.number) " if table == "audit_head" else ""
        for name, moment, each, only in (
            (changed, "UPDATE", "ROW", when),
            (removed, "DELETE", "ROW", ""),
            (emptied, "TRUNCATE", "STATEMENT", ""),
        ):
            yield (
                f"CREATE TRIGGER {name} BEFORE {moment} ON {table} FOR EACH {each} {only}"
                "EXECUTE FUNCTION audit_refuse()"
            )


def _list_drops(is_postgresql: bool, *, removals_only: bool) -> Iterator[str]:
    for table, names in _NAMES.items():
        for name in names:
            if not removals_only or name.endswith(_REMOVALS):
                yield f"DROP TRIGGER IF EXISTS {name}" + (f" ON {table}" if is_postgresql else "")
    if is_postgresql and not removals_only:
        yield "DROP FUNCTION IF EXISTS audit_refuse()"
