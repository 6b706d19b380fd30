"""The registration status of a signed-in person: first registration or not, what may change, how to step up.

It is computed again in each transaction that uses it, since another sign-in may have changed it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, select

from writeback.ceiling import MINUTE, Gate, enough
from writeback.envelope.jobs import Operation
from writeback.envelope.methods import MethodKind
from writeback.ports import Channel, Owner
from writeback.proof.context import RegisterContext
from writeback.proof.destination import Destination
from writeback.proof.factor import Factor, has_cooled, methods_of
from writeback.proof.factor_rows import OF_PERSON, load, load_active
from writeback.state import belongs_to, whose
from writeback.state.tables import attempts, factors, marks

_STEP_UP_AGE = 10 * MINUTE
# What was proven in an attempt. The mail address in the directory is in no row of the factors. A mark by it
# counts only until another sign-in registers a factor for this person. If the person has factors of other
# attempts, those that this attempt made itself prove nothing.
_MARKS = (
    select(marks.c.method)
    .where(marks.c.attempt == bindparam("in_attempt"), marks.c.at > bindparam("marked_since"))
    .order_by(marks.c.at)
)
_MARKS_BY_MAILBOX = _MARKS.where(marks.c.factor == bindparam("mailbox"))
_MARKS_BY_FACTORS = _MARKS.join(factors, factors.c.id == marks.c.factor)
_MARKS_BY_OTHERS = _MARKS_BY_FACTORS.where(factors.c.attempt != marks.c.attempt)
_SWITCHED_OFF = OF_PERSON.where(factors.c.state == "disabled")
_PENDING = OF_PERSON.where(
    factors.c.state == "pending",
    factors.c.attempt == bindparam("in_attempt"),
    factors.c.created > bindparam("created_since"),
)


@dataclass(frozen=True, kw_only=True)
class RegistrationStatus:
    """What the register knows about a person in one attempt.

    Args:
        is_open: True if the attempt was not ended.
        is_new: True if the register has never had a factor of this person, except those of this attempt.
        first: True if this attempt began as the first registration, and there is not enough for a reset yet.
        proven: methods proven in this attempt that count now.
        stepped_up: True if factors may be changed now.
        ways: factors with which the person can step up.
        own_mail: the mail address in the directory; None if there is none or nothing can be sent there.
    """

    active: tuple[Factor, ...]
    pending: tuple[Factor, ...]
    enough: bool
    is_open: bool
    is_new: bool
    first: bool
    proven: tuple[MethodKind, ...]
    stepped_up: bool
    ways: tuple[Factor, ...]
    own_mail: Destination | None
    account: str


def registration_status(
    tx: Connection, context: RegisterContext, owner: Owner, attempt: bytes
) -> RegistrationStatus:
    """Compute the registration status of a person.

    A first registration needs a code to the mail address in the directory before anything is added. Without
    such an address the password suffices, and the cooldown protects. For ten minutes, that code lets the
    person add more factors than a reset needs. An address that can't be sent to does not count as missing:
    nothing can be added until an administrator has corrected it.

    Later changes need existing factors, as many as the ceiling's gate asks for, each proven in the last ten
    minutes. A person who has fewer proves one factor of each method.
    """
    row = tx.execute(select(attempts).where(attempts.c.id == attempt)).one_or_none()
    held = load_active(tx, context, owner)
    is_new = not _has_registered(tx, owner, but=attempt)
    will_do = enough(methods_of(held), context.ceiling.gates.get(Operation.RESET))
    first = is_new and not will_do and (row is None or row.first)
    own = _read_own_mail(context, row)
    ways: tuple[Factor, ...]
    if first:
        ways = (own_mailbox(context, owner, own),) if own else ()
        proven = _read_proven(tx, _MARKS, attempt, since=0.0)
        has_mail = row is not None and row.mail is not None
        stepped_up = bool(proven) or not has_mail
    else:
        gate, since = context.ceiling.gates.get(Operation.REGISTER), context.now() - _STEP_UP_AGE
        others = tuple(factor for factor in held if factor.attempt != attempt)
        ways = _choose_factors(others or held, gate, context)
        proven = _read_proven(tx, _MARKS_BY_OTHERS if others else _MARKS_BY_FACTORS, attempt, since=since)
        mailbox = own_mailbox(context, owner, own).id
        began = is_new and _read_proven(tx, _MARKS_BY_MAILBOX, attempt, since=since, mailbox=mailbox)
        stepped_up = bool(began) or enough(proven, gate)
        if not stepped_up and _has_proven_all(proven, ways, gate):
            stepped_up = not load(tx, context, _SWITCHED_OFF, **whose(owner))
    return RegistrationStatus(
        active=held,
        pending=_load_pending(tx, context, owner, attempt),
        enough=will_do,
        is_open=row is not None and row.state == "open",
        is_new=is_new,
        first=first,
        proven=proven,
        stepped_up=stepped_up,
        ways=ways,
        own_mail=own,
        account=row.account if row else "",
    )


def _choose_factors(
    held: Sequence[Factor], gate: Gate | None, context: RegisterContext
) -> tuple[Factor, ...]:
    """Return the factors to step up with: those past their cooldown if they suffice, else all."""
    older = tuple(factor for factor in held if has_cooled(factor, context))
    return older if enough(methods_of(older), gate) else tuple(held)


def _has_proven_all(proven: Sequence[MethodKind], ways: Sequence[Factor], gate: Gate | None) -> bool:
    """Tell whether a person with fewer factors than the gate asks for has proven one of each method."""
    there = methods_of(ways)
    return gate is not None and not enough(there, gate) and bool(there) and there.issubset(proven)


def own_mailbox(context: RegisterContext, owner: Owner, own_mail: Destination | None) -> Factor:
    """Return the mail address in the directory as if it were a factor; it is in no row of the table."""
    return Factor(
        id=context.keys.digest("own-mailbox", owner.directory.encode(), owner.guid)[:16],
        owner=owner,
        method=MethodKind.EMAIL,
        destination=own_mail,
    )


def _has_registered(tx: Connection, owner: Owner, *, but: bytes) -> bool:
    ever = (
        belongs_to(owner, factors),
        factors.c.state != "pending",
        factors.c.attempt != but,
    )
    return bool(tx.execute(select(func.count()).select_from(factors).where(*ever)).scalar_one())


def _read_proven(
    tx: Connection, counting: Select[Any], attempt: bytes, *, since: float, **bound: bytes
) -> tuple[MethodKind, ...]:
    found = tx.execute(counting, {"in_attempt": attempt, "marked_since": since, **bound})
    return tuple(map(MethodKind, found.scalars()))


def _load_pending(
    tx: Connection, context: RegisterContext, owner: Owner, attempt: bytes
) -> tuple[Factor, ...]:
    fresh = context.now() - context.ceiling.attempts.pending_factor_life
    return load(tx, context, _PENDING, **whose(owner), in_attempt=attempt, created_since=fresh)


def _read_own_mail(context: RegisterContext, row: Row[Any] | None) -> Destination | None:
    if row is None or row.mail is None:
        return None
    address = context.keys.unseal("mail", row.mail, row.id, row.guid).decode()
    return Destination(channel=Channel.MAIL, address=address) if address else None
