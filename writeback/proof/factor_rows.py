"""Writes factors to the table with their secrets sealed, and unseals them on reading."""

from typing import Any

from sqlalchemy import Connection, Row, Select, select

from writeback.envelope.methods import MethodKind
from writeback.ports import Owner
from writeback.proof.context import RegisterContext
from writeback.proof.destination import Destination
from writeback.proof.factor import Factor, place_of, seal_secret, unseal_secret
from writeback.proof.registry import KINDS
from writeback.state import StateKeys, of_owner, owner_of, whose
from writeback.state.tables import factors

OF_PERSON = select(factors).where(of_owner(factors)).order_by(factors.c.created, factors.c.id)
"""Selects all rows of a person, tombstones too, oldest first; `whose` makes its parameters."""
_ACTIVE = OF_PERSON.where(factors.c.state == "active")


def load_active(tx: Connection, context: RegisterContext, owner: Owner) -> tuple[Factor, ...]:
    """Return a person's active factors, oldest first."""
    return load(tx, context, _ACTIVE, **whose(owner))


def load(tx: Connection, context: RegisterContext, query: Select[Any], **bound: object) -> tuple[Factor, ...]:
    """Return the factors that a query finds, with these values for its parameters."""
    return tuple(_open(context.keys, row) for row in tx.execute(query, bound).all())


def row_of(factor: Factor, keys: StateKeys) -> dict[str, Any]:
    """Return the values of a new row.

    Args:
        factor: a factor that is in no row yet.
        keys: the keys that seal its secret and destination.
    """
    place, goes_to = place_of(factor.owner, factor.id), factor.destination
    return {
        "id": factor.id,
        "directory": factor.owner.directory,
        "guid": factor.owner.guid,
        "method": factor.method,
        "state": factor.state,
        "attempt": factor.attempt,
        "created": factor.created,
        "secret": seal_secret(factor, factor.secret, keys) if factor.secret else None,
        "destination": keys.seal("destination", goes_to.address.encode(), *place) if goes_to else None,
        "box": goes_to.digest(keys) if goes_to else None,
    }


def _open(keys: StateKeys, row: Row[Any]) -> Factor:
    method, owner = MethodKind(row.method), owner_of(row)
    return Factor(
        id=row.id,
        owner=owner,
        method=method,
        secret=unseal_secret(owner, row.id, row.secret, keys) if row.secret else b"",
        destination=_destination(keys, row, owner, method),
        state=row.state,
        attempt=row.attempt,
        created=row.created,
        confirmed=row.confirmed,
        last_used=row.last_used,
    )


def _destination(keys: StateKeys, row: Row[Any], owner: Owner, method: MethodKind) -> Destination | None:
    channel = KINDS[method].channel
    if channel is None or not row.destination:
        return None
    address = keys.unseal("destination", row.destination, *place_of(owner, row.id)).decode()
    return Destination(channel=channel, address=address)
