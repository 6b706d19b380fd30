"""Opens attempts, finds them again, and keeps what was proven in them."""

import os
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from writeback.ceiling import HOUR, enough
from writeback.envelope.answers import Answer, AttemptOpened, GateOffer, Outcome, SignedIn
from writeback.envelope.deadlines import SIGN_COUNTS_AFTER, SIGNED_IN_IDLE
from writeback.envelope.jobs import Operation
from writeback.envelope.methods import MethodKind
from writeback.envelope.names import Name
from writeback.ports import Account, Attempt, Channel, Owner
from writeback.proof import decoys
from writeback.proof.chains import read_chain, read_epoch, token_of
from writeback.proof.context import RegisterContext
from writeback.proof.destination import read_destination
from writeback.proof.factor import Factor, has_cooled, methods_of
from writeback.proof.factor_rows import load_active
from writeback.proof.registration_status import registration_status
from writeback.proof.registry import KINDS
from writeback.proof.ways import way_of, ways_before_proof
from writeback.state import end_attempts
from writeback.state.tables import attempts, marks

_SIGNED_IN_LIFE = HOUR  # NIST SP 800-63B-4 §2: enrolment takes longer than a reset
_ENTER = insert(attempts)
# One row for each proven method; a single row if none is proven.
_FIND = (
    select(attempts, marks.c.method)
    .select_from(attempts.outerjoin(marks, marks.c.attempt == attempts.c.id))
    .where(attempts.c.id == bindparam("attempt_id"))
)
_TOUCH = update(attempts).where(attempts.c.id == bindparam("attempt_id"))
_MARKED = select(marks.c.method).where(marks.c.attempt == bindparam("attempt_id")).order_by(marks.c.at)


def open_attempt(
    context: RegisterContext,
    *,
    realm: str,
    operation: Operation,
    name: Name,
    account: Account | None,
    token: bytes | None,
) -> AttemptOpened:
    """Open an attempt; for real and made-up people it takes the same work and shows the same.

    Args:
        context: state, keys, time and policy.
        realm: the site's, under which it counts names.
        operation: what the attempt is for.
        name: the name, in the form in which the site counts it.
        account: the account that is served under this name; None if there is none.
        token: token of the browser's chain, as the portal sent it.
    """
    gate = context.ceiling.gates.get(operation)
    shadow = decoys.shadow_of(context, realm, name)
    identifier, life = os.urandom(16), context.ceiling.attempts.life
    with context.state.writing() as tx:
        chain, epoch = read_chain(tx, context, token), read_epoch(tx)
        owner = account.owner if account else Owner(directory=realm, guid=shadow)
        held = tuple(factor for factor in load_active(tx, context, owner) if has_cooled(factor, context))
        is_real = account is not None and enough(() if _asks_nothing(operation) else methods_of(held), gate)
        attempt = Attempt(
            id=identifier,
            directory=owner.directory if is_real else realm,
            operation=operation,
            guid=owner.guid if is_real else shadow,
            decoy=not is_real,
            typed=shadow.hex(),
            chain=chain,
        )
        person = _describe_person(context, identifier, account) if account and is_real else {}
        tx.execute(_ENTER, _row(context, attempt, life) | person)
    ways = ways_before_proof(context, identifier, owner=attempt.owner, held=held if is_real else ())
    shown = () if _asks_nothing(operation) else ways
    return AttemptOpened(
        attempt=identifier,
        offers=tuple(GateOffer(factor=way.handle, method=way.method) for way in shown),
        methods_needed=gate.methods_needed if gate else 0,
        families_needed=gate.families_needed if gate else 0,
        expires=life,
        idle=context.ceiling.attempts.idle,
        code_life=context.ceiling.attempts.code_life,
        chain=token_of(context, chain, epoch),
    )


def open_signed_in(context: RegisterContext, account: Account) -> SignedIn | Answer:
    """Open a REGISTER attempt, and decide whether it is the person's first registration.

    Returns:
        BAD_DESTINATION for a first registration that could add nothing: it needs a code to the address in
        the directory, and nothing can be sent there.
    """
    identifier = os.urandom(16)
    attempt = Attempt(
        id=identifier,
        directory=account.directory,
        operation=Operation.REGISTER,
        guid=account.guid,
        decoy=False,
    )
    row = _row(context, attempt, _SIGNED_IN_LIFE) | _describe_person(context, identifier, account)
    row["pwd_last_set"] = account.pwd_last_set
    with context.state.writing() as tx:
        row["first"] = registration_status(tx, context, account.owner, identifier).is_new
        tx.execute(_ENTER, row)
        now = registration_status(tx, context, account.owner, identifier)
        if now.first and not now.stepped_up and not now.ways:
            tx.execute(delete(attempts).where(attempts.c.id == identifier))
            return Answer(outcome=Outcome.BAD_DESTINATION)
    offers = (offer(context, identifier, factor, factor.hint) for factor in now.ways)
    return SignedIn(
        attempt=identifier,
        account=account.guid,
        name=account.name,
        display_name=account.display_name,
        directory=account.directory,
        offers=() if now.stepped_up else sort_by_strength(offers),
        first=now.first,
        expires=_SIGNED_IN_LIFE,
        code_life=context.ceiling.attempts.code_life,
    )


def find_attempt(
    context: RegisterContext, identifier: bytes, *, operations: frozenset[Operation]
) -> Attempt | None:
    """Return an attempt if it is open, has not expired, and is for one of these operations."""
    with context.state.reading() as tx:
        rows = tx.execute(_FIND, {"attempt_id": identifier}).all()
    row, now = (rows[0] if rows else None), context.now()
    if row is None or not is_open(row, context) or row.operation not in operations:
        return None
    if now - row.touched > SIGN_COUNTS_AFTER:
        with context.state.writing() as tx:
            tx.execute(_TOUCH, {"attempt_id": identifier, "touched": now})
    return Attempt(
        id=row.id,
        directory=row.directory,
        operation=Operation(row.operation),
        guid=row.guid,
        decoy=row.decoy,
        typed=row.typed,
        chain=bytes.fromhex(row.chain),
        proven=not row.decoy and suffice(_methods(rows), context, Operation(row.operation)),
        pwd_last_set=row.pwd_last_set,
    )


def end_attempt(context: RegisterContext, attempt: Attempt) -> None:
    """Void an attempt."""
    with context.state.writing() as tx:
        tx.execute(update(attempts).where(attempts.c.id == attempt.id).values(state="void"))


def end_others(context: RegisterContext, attempt: Attempt) -> None:
    """Void all other attempts and sign-ins of the person whose attempt this is."""
    idle = context.ceiling.attempts.idle
    with context.state.writing() as tx:
        end_attempts(tx, attempt.owner, now=context.now(), idle=idle, spare=attempt.id)


def is_open(row: Row[Any], context: RegisterContext) -> bool:
    """Tell whether the attempt in this row can still be used."""
    signed_in = row.operation == Operation.REGISTER
    idle = SIGNED_IN_IDLE if signed_in else context.ceiling.attempts.idle
    in_time: bool = context.now() < min(row.expires, row.touched + idle)
    return in_time and row.state == "open"


def read_proven(tx: Connection, identifier: bytes) -> tuple[MethodKind, ...]:
    """Return the methods that are marked as proven in an attempt."""
    marked = tx.execute(_MARKED, {"attempt_id": identifier})
    return tuple(map(MethodKind, marked.scalars()))


def _methods(rows: Sequence[Row[Any]]) -> tuple[MethodKind, ...]:
    return tuple(MethodKind(row.method) for row in rows if row.method)


def suffice(methods: Sequence[MethodKind], context: RegisterContext, operation: Operation) -> bool:
    """Tell whether these methods together suffice for an operation."""
    return enough(methods, context.ceiling.gates.get(operation))


def mark(tx: Connection, context: RegisterContext, attempt: Attempt, factor: Factor) -> None:
    """Mark a method as proven in an attempt; the mark is the proof that later jobs rely on."""
    same = marks.c.attempt == attempt.id, marks.c.method == factor.method
    tx.execute(delete(marks).where(*same))
    row = {"attempt": attempt.id, "method": factor.method, "factor": factor.id, "at": context.now()}
    tx.execute(insert(marks).values(**row))


def unmark_elsewhere(tx: Connection, attempt: Attempt, factor: Factor) -> None:
    """Delete, in all other attempts, the marks of a factor that this attempt removes.

    So what the finder of a lost phone has proven with it no longer counts once its owner has removed it.
    """
    tx.execute(delete(marks).where(marks.c.factor == factor.id, marks.c.attempt != attempt.id))


def offer(context: RegisterContext, attempt: bytes, factor: Factor, hint: str) -> GateOffer:
    """Return the offer of a factor, under a handle that is valid in this attempt only."""
    return GateOffer(factor=way_of(context, attempt, factor).handle, method=factor.method, hint=hint)


def sort_by_strength(offers: Iterable[GateOffer]) -> tuple[GateOffer, ...]:
    """Return the offers with the strongest method first."""
    order = list(KINDS)
    return tuple(sorted(offers, key=lambda one: order.index(one.method)))


def _describe_person(context: RegisterContext, identifier: bytes, account: Account) -> dict[str, Any]:
    """Return the values of a row that notices of this attempt need: the account's name and mail address."""
    own = read_destination(Channel.MAIL, account.mail)
    mail = own.address.encode() if own else b""
    # An address that can't be sent to is kept as an empty one: that is not the same as no address.
    has_mail = bool(account.mail.strip())
    sealed = context.keys.seal("mail", mail, identifier, account.guid) if has_mail else None
    return {"account": account.shown_name, "mail": sealed}


def _asks_nothing(operation: Operation) -> bool:
    return operation is Operation.CHANGE  # its proof is the old password, which AD checks


def _row(context: RegisterContext, attempt: Attempt, life: int) -> dict[str, Any]:
    now = context.now()
    return {
        "id": attempt.id,
        "directory": attempt.directory,
        "operation": attempt.operation,
        "guid": attempt.guid,
        "decoy": attempt.decoy,
        "typed": attempt.typed,
        "chain": attempt.chain.hex(),
        "state": "open",
        "created": now,
        "touched": now,
        "expires": now + life,
    }
