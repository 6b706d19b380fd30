"""Ends attempts and sign-ins of one person, with everything that is pending in them."""

from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, exists, func, or_, select, update

from writeback.envelope.deadlines import SIGNED_IN_IDLE
from writeback.ports import Owner
from writeback.state.owned import of_owner, whose
from writeback.state.tables import attempts, codes, factors, marks

_REGISTER, _CHANGE = "register", "change"
_OTHERS = and_(
    of_owner(attempts),
    attempts.c.id != bindparam("spared"),
)
_IN_USE = attempts.c.touched + bindparam("idle") > bindparam("now")
_SIGN_IN_IN_USE = and_(attempts.c.operation == _REGISTER, attempts.c.touched > bindparam("signed_in_since"))
# Attempts to change a password don't count as in use: each try brings the old password again.
_ALIVE = (
    select(func.count())
    .select_from(attempts)
    .where(
        _OTHERS,
        attempts.c.state == "open",
        attempts.c.operation != _CHANGE,
        attempts.c.expires > bindparam("now"),
        or_(_IN_USE, _SIGN_IN_IN_USE),
    )
)
_OPEN = and_(_OTHERS, attempts.c.state == "open")
_UNPROVEN = select(attempts.c.id, attempts.c.typed).where(
    _OPEN,
    attempts.c.typed != "",
    ~exists().where(marks.c.attempt == attempts.c.id),
)
_MAKE_DECOY = (
    update(attempts)
    .where(attempts.c.id == bindparam("unproven"))
    .values(decoy=True, guid=bindparam("shadow"), account="", mail=None)
)
_VOID = update(attempts).where(_OPEN).values(state="void")
_THEIR_CODES = codes.c.attempt.in_(select(attempts.c.id).where(_OTHERS))
_DROP_CODES = delete(codes).where(_THEIR_CODES)
_PENDING = and_(of_owner(factors), factors.c.state == "pending", factors.c.attempt != bindparam("spared"))
_DROP_PENDING = delete(factors).where(_PENDING)
# Mostly there is nothing to end, and one look is cheaper than five statements that change nothing.
_LOOK = select(
    _ALIVE.scalar_subquery().label("alive"),
    exists().where(_OPEN).label("open"),
    exists().where(_THEIR_CODES).label("codes"),
    exists().where(_PENDING).label("pending"),
)


def end_attempts(tx: Connection, owner: Owner, *, now: float, idle: int, spare: bytes = b"") -> int:
    """End the other attempts and sign-ins of a person, and drop their codes and pending factors.

    An attempt without any proof goes on as a decoy until it expires: a stranger may have begun it, and its
    end would tell them that the person exists and that something was just done.

    An attempt whose job is at INTENT ends too: that write goes on, and afterwards the attempt is useless,
    whatever the result.

    Args:
        tx: the transaction that also makes the change they end for.
        owner: the person.
        now: Unix time.
        idle: seconds after which an unused attempt ends; a sign-in has SIGNED_IN_IDLE.
        spare: id of the attempt that goes on; empty for none.

    Returns:
        how many of them were still in use.
    """
    person = whose(owner) | {"spared": spare}
    times = {"now": now, "idle": idle, "signed_in_since": now - SIGNED_IN_IDLE}
    found = tx.execute(_LOOK, person | times).one()
    if found.open:
        _make_decoys(tx, person)
    if found.codes:
        tx.execute(_DROP_CODES, person)
    if found.pending:
        tx.execute(_DROP_PENDING, person)
    if found.open:
        tx.execute(_VOID, person)
    return int(found.alive)


def _make_decoys(tx: Connection, person: dict[str, Any]) -> None:
    unproven = tx.execute(_UNPROVEN, person).all()
    if unproven:
        decoys = [{"unproven": row.id, "shadow": bytes.fromhex(row.typed)} for row in unproven]
        tx.execute(_MAKE_DECOY, decoys)
