"""The rows of one person, in every table that has a directory's id and an objectGUID in it."""

from typing import Any

from sqlalchemy import ColumnElement, Row, Table, and_, bindparam

from writeback.ports import Owner


def of_owner(table: Table) -> ColumnElement[bool]:
    """Return the condition of a statement that is built once; `whose` fills its places."""
    return and_(table.c.directory == bindparam("person_directory"), table.c.guid == bindparam("person_guid"))


def whose(owner: Owner) -> dict[str, Any]:
    """Return what fills the places of `of_owner`."""
    return {"person_directory": owner.directory, "person_guid": owner.guid}


def belongs_to(owner: Owner, table: Table) -> ColumnElement[bool]:
    """Return the condition that a row is this person's."""
    return and_(table.c.directory == owner.directory, table.c.guid == owner.guid)


def owner_of(row: Row[Any]) -> Owner:
    """Return the person whose row it is."""
    return Owner(directory=row.directory, guid=row.guid)
