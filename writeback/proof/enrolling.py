"""Adds, confirms and removes factors."""

import os
from dataclasses import replace

from sqlalchemy import Connection, delete, insert, select, update

from writeback.envelope.answers import Answer, FactorPending, Outcome
from writeback.envelope.methods import MethodKind
from writeback.envelope.secret import Secret
from writeback.ports import Attempt, Channel
from writeback.proof.announcing import announce, is_refused
from writeback.proof.attempts import unmark_elsewhere
from writeback.proof.checking import Check
from writeback.proof.context import RegisterContext
from writeback.proof.destination import Destination, read_destination
from writeback.proof.factor import Factor
from writeback.proof.factor_rows import row_of
from writeback.proof.registration_status import RegistrationStatus, registration_status
from writeback.proof.registry import KINDS
from writeback.proof.sending import send_code
from writeback.state import belongs_to
from writeback.state.tables import factors

_MOST = 10


def enrol(
    context: RegisterContext, attempt: Attempt, method: MethodKind, destination: Secret | None, *, locale: str
) -> Answer:
    """Make a pending factor; it replaces a pending one of the same method that this sign-in made before."""
    # Backup codes take a while to make, so refuse before that; the transaction that keeps them checks again.
    with context.state.reading() as tx:
        refusal = _judge(tx, context, attempt, method, destination)[2]
    if refusal:
        return Answer(outcome=refusal)
    made = KINDS[method].make(context)
    with context.state.writing() as tx:
        status, goes_to, refusal = _judge(tx, context, attempt, method, destination)
        if refusal:
            return Answer(outcome=refusal)
        factor = Factor(
            id=os.urandom(16),
            owner=attempt.owner,
            method=method,
            secret=made.secret,
            destination=goes_to,
            state="pending",
            attempt=attempt.id,
            created=context.now(),
        )
        known = _is_proven(status, factor)
        if factor.destination and not known:
            started = send_code(
                tx, context, attempt, factor, handle=factor.id, kind="code-confirm", locale=locale
            )
            if started.answer.outcome is not Outcome.DONE:
                return started.answer
        _replace_pending(tx, context, factor)
        if known:
            _activate(tx, context, attempt, factor, locale)
    return Answer(
        outcome=Outcome.DONE,
        facts=FactorPending(
            factor=factor.id,
            hint=factor.hint,
            expires=0 if known else context.ceiling.attempts.pending_factor_life,
            secrets=made.shown,
            account=status.account,
        ),
    )


def confirm(
    context: RegisterContext, attempt: Attempt, identifier: bytes, code: Secret, *, locale: str
) -> Answer:
    """Make a pending factor active with a code from it; backup codes are confirmed without a code."""
    with context.state.reading() as tx:
        status = _status(tx, context, attempt)
    factor = next((one for one in status.pending if one.id == identifier), None)
    if factor is None:
        return Answer(outcome=Outcome.FACTOR_GONE)
    if factor.method is MethodKind.BACKUP_CODES:
        with context.state.writing() as tx:
            return Answer(outcome=_activate(tx, context, attempt, factor, locale))
    check = Check(context, attempt, factor, handle=factor.id, locale=locale)
    refusal = check.reserve()
    if refusal:
        return refusal
    evidence = check.compute_evidence(code)
    with context.state.writing() as tx:
        if not check.settle(tx, evidence):
            return check.answer_wrong().answer
        return Answer(outcome=_activate(tx, context, attempt, factor, locale))


def remove(context: RegisterContext, attempt: Attempt, identifier: bytes, *, locale: str) -> Answer:
    """Remove a factor and leave a tombstone; the last one stays, since nothing could be added without it."""
    with context.state.writing() as tx:
        status = _status(tx, context, attempt)
        if not (status.is_open and status.stepped_up):
            return Answer(outcome=Outcome.NOT_PROVEN if status.is_open else Outcome.ATTEMPT_GONE)
        if identifier in {one.id for one in status.pending}:
            tx.execute(delete(factors).where(factors.c.id == identifier))
            return Answer(outcome=Outcome.DONE)
        factor = next((one for one in status.active if one.id == identifier), None)
        if factor is None:
            return Answer(outcome=Outcome.FACTOR_GONE)
        if len(status.active) == 1:
            return Answer(outcome=Outcome.NOT_ALLOWED)
        if is_refused(tx, context, attempt, status):
            return Answer(outcome=Outcome.UNREACHABLE)
        _bury(tx, context, attempt, factor)
        announce(tx, context, attempt, factor, kind="notice-factor-removed", locale=locale)
    return Answer(outcome=Outcome.DONE)


def _judge(
    tx: Connection, context: RegisterContext, attempt: Attempt, method: MethodKind, destination: Secret | None
) -> tuple[RegistrationStatus, Destination | None, Outcome | None]:
    """Return the person's status, the new factor's destination, and the reason if it may not be added."""
    status = _status(tx, context, attempt)
    channel = KINDS[method].channel
    goes_to = _find_destination(status, channel, destination) if channel else None
    lacks_one = channel is not None and goes_to is None
    return status, goes_to, _find_refusal(tx, context, attempt, status, goes_to, lacks_one=lacks_one)


def _status(tx: Connection, context: RegisterContext, attempt: Attempt) -> RegistrationStatus:
    return registration_status(tx, context, attempt.owner, attempt.id)


def _find_destination(
    status: RegistrationStatus, channel: Channel, typed: Secret | None
) -> Destination | None:
    """Return the new factor's destination: the typed address, or else the one in the directory."""
    if typed:
        return read_destination(channel, typed.reveal())
    own = status.own_mail
    return own if own and own.channel == channel else None


def _find_refusal(
    tx: Connection,
    context: RegisterContext,
    attempt: Attempt,
    status: RegistrationStatus,
    goes_to: Destination | None,
    *,
    lacks_one: bool,
) -> Outcome | None:
    if not status.is_open:
        return Outcome.ATTEMPT_GONE
    if not status.stepped_up:
        return Outcome.NOT_PROVEN
    if lacks_one:
        return Outcome.BAD_DESTINATION
    if is_refused(tx, context, attempt, status, adding=goes_to):
        return Outcome.UNREACHABLE
    if len(status.active) >= _MOST:
        return Outcome.NOT_ALLOWED
    return Outcome.FACTOR_EXISTS if goes_to and _is_taken(tx, context, attempt, goes_to) else None


def _is_proven(status: RegistrationStatus, factor: Factor) -> bool:
    """Tell whether this attempt has just proven the factor's address, so that a second code is needless."""
    return status.first and factor.destination is not None and factor.destination == status.own_mail


def _is_taken(tx: Connection, context: RegisterContext, attempt: Attempt, goes_to: Destination) -> bool:
    same = (
        belongs_to(attempt.owner, factors),
        factors.c.state == "active",
        factors.c.box == goes_to.digest(context.keys),
    )
    return tx.execute(select(factors.c.id).where(*same)).first() is not None


def _replace_pending(tx: Connection, context: RegisterContext, factor: Factor) -> None:
    older = (
        factors.c.state == "pending",
        belongs_to(factor.owner, factors),
        factors.c.method == factor.method,
        factors.c.attempt == factor.attempt,
    )
    tx.execute(delete(factors).where(*older))
    tx.execute(insert(factors).values(**row_of(factor, context.keys)))


def _activate(
    tx: Connection, context: RegisterContext, attempt: Attempt, factor: Factor, locale: str
) -> Outcome:
    status = _status(tx, context, attempt)
    if not status.is_open:
        return Outcome.ATTEMPT_GONE
    if factor.id not in {one.id for one in status.pending}:
        return Outcome.FACTOR_GONE
    if not status.stepped_up:
        return Outcome.NOT_PROVEN
    if is_refused(tx, context, attempt, status, adding=factor.destination):
        return Outcome.UNREACHABLE
    if factor.destination and _is_taken(tx, context, attempt, factor.destination):
        return Outcome.FACTOR_EXISTS
    if factor.method is MethodKind.BACKUP_CODES:
        for older in status.active:
            if older.method is factor.method:
                _bury(tx, context, attempt, older)
    added = replace(factor, state="active", confirmed=context.now())
    active = {"state": added.state, "confirmed": added.confirmed}
    tx.execute(update(factors).where(factors.c.id == factor.id).values(**active))
    announce(tx, context, attempt, added, kind="notice-factor-added", locale=locale)
    return Outcome.DONE


def _bury(tx: Connection, context: RegisterContext, attempt: Attempt, factor: Factor) -> None:
    """Turn a factor into a tombstone: the secret goes, but its address stays and is notified for a while."""
    unmark_elsewhere(tx, attempt, factor)
    tomb = {"state": "removed", "ended": context.now(), "secret": None}
    tx.execute(update(factors).where(factors.c.id == factor.id).values(**tomb))
