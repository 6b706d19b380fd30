"""A factor as the register has it, opened for use; and the rows that it is kept in."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from writeback.envelope.methods import MethodKind
from writeback.ports import Owner
from writeback.proof.context import RegisterContext
from writeback.state import StateKeys, of_owner, owner_of, whose
from writeback.state.tables import factors

MADE_UP = "made-up"
"""The state of a factor that nobody has; it stands in no row."""


@dataclass(frozen=True, kw_only=True)
class Factor:
    """One way of one person (or of a decoy) to prove it.

    Args:
        id: 16 bytes.
        secret: what its kind checks codes against.
        destination: mail address, or empty.
        attempt: in which it was enrolled; empty for what stands in no row.
        confirmed, last_used: Unix times; 0 for never.
    """

    id: bytes
    owner: Owner
    method: MethodKind
    secret: bytes = field(default=b"", repr=False)
    destination: str = field(default="", repr=False)
    state: str = "active"
    attempt: bytes = b""
    created: float = 0.0
    confirmed: float = 0.0
    last_used: float = 0.0


OF_PERSON = select(factors).where(of_owner(factors)).order_by(factors.c.created, factors.c.id)
"""All rows of a person, tombstones too, oldest first; `whose` says of whom."""
_ACTIVE = OF_PERSON.where(factors.c.state == "active")


def active(tx: Connection, context: RegisterContext, owner: Owner) -> tuple[Factor, ...]:
    """Return a person's active factors, oldest first."""
    return load(tx, context, _ACTIVE, **whose(owner))


def load(tx: Connection, context: RegisterContext, query: Select[Any], **bound: object) -> tuple[Factor, ...]:
    """Open the rows that a query finds, with these values in its places."""
    return tuple(_open(context.keys, row) for row in tx.execute(query, bound).all())


def cooled(factor: Factor, context: RegisterContext) -> bool:
    """Tell whether a factor is old enough to be used for a reset."""
    return ready_at(factor, context) <= context.now()


def ready_at(factor: Factor, context: RegisterContext) -> float:
    """Return the Unix time from which a factor may be used for a reset."""
    return factor.confirmed + context.ceiling.limits.new_factor_cooldown


def methods_of(several: Sequence[Factor]) -> frozenset[MethodKind]:
    """Return the different methods among some factors."""
    return frozenset(factor.method for factor in several)


def row_of(factor: Factor, keys: StateKeys, *, box: bytes | None) -> dict[str, Any]:
    """Return the values of a new row.

    Args:
        factor: a factor that stands in no row yet.
        keys: seal its secret and destination.
        box: keyed digest of the mailbox, for methods that send.
    """
    destination, place = factor.destination.encode(), _place(factor.owner, factor.id)
    return {
        "id": factor.id,
        "directory": factor.owner.directory,
        "guid": factor.owner.guid,
        "method": factor.method,
        "state": factor.state,
        "attempt": factor.attempt,
        "created": factor.created,
        "secret": seal_secret(factor, factor.secret, keys) if factor.secret else None,
        "destination": keys.seal("destination", destination, *place) if destination else None,
        "box": box,
    }


def seal_secret(factor: Factor, secret: bytes, keys: StateKeys) -> bytes:
    """Seal a secret for the row of its factor; it opens in no other."""
    return keys.seal("secret", secret, *_place(factor.owner, factor.id))


def _open(keys: StateKeys, row: Row[Any]) -> Factor:
    owner = owner_of(row)
    place = _place(owner, row.id)
    return Factor(
        id=row.id,
        owner=owner,
        method=MethodKind(row.method),
        secret=keys.unseal("secret", row.secret, *place) if row.secret else b"",
        destination=keys.unseal("destination", row.destination, *place).decode() if row.destination else "",
        state=row.state,
        attempt=row.attempt,
        created=row.created,
        confirmed=row.confirmed,
        last_used=row.last_used,
    )


def _place(owner: Owner, factor: bytes) -> tuple[bytes, ...]:
    return owner.directory.encode(), owner.guid, factor
