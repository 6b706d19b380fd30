"""Adding, confirming and removing factors."""

import os
from dataclasses import replace

from sqlalchemy import Connection, delete, insert, select, update

from writeback.envelope.addresses import read_address
from writeback.envelope.answers import Answer, FactorPending, Outcome
from writeback.envelope.methods import MethodKind
from writeback.envelope.secret import Secret
from writeback.ports import Attempt
from writeback.proof.announcing import announce, is_refused
from writeback.proof.attempts import unmark_elsewhere
from writeback.proof.checking import Check
from writeback.proof.desk import Desk
from writeback.proof.factor import Factor, row_of
from writeback.proof.mailbox import mask
from writeback.proof.registry import KINDS
from writeback.proof.sending import digest_of_box, send_code
from writeback.proof.standing import Standing, standing_of
from writeback.state.tables import factors

_MOST = 10


def enrol(
    desk: Desk, attempt: Attempt, method: MethodKind, destination: Secret | None, *, locale: str
) -> Answer:
    """Make a pending factor; it takes the place of one of the same method that is pending in this sign-in."""
    # Looked at before it is made, which takes a while for paper; and again in the transaction that keeps it.
    with desk.state.reading() as tx:
        refusal = _judged(tx, desk, attempt, method, destination)[2]
    if refusal:
        return Answer(outcome=refusal)
    made = KINDS[method].make(desk)
    with desk.state.writing() as tx:
        standing, address, refusal = _judged(tx, desk, attempt, method, destination)
        if refusal:
            return Answer(outcome=refusal)
        factor = Factor(
            id=os.urandom(16),
            directory=attempt.directory,
            guid=attempt.guid,
            method=method,
            secret=made.secret,
            destination=address or "",
            state="pending",
            attempt=attempt.id,
            created=desk.now(),
        )
        known = _is_proven(standing, factor)
        if factor.destination and not known:
            started = send_code(
                tx, desk, attempt, factor, handle=factor.id, kind="code-confirm", locale=locale
            )
            if started.answer.outcome is not Outcome.DONE:
                return started.answer
        _replace_pending(tx, desk, factor)
        if known:
            _activate(tx, desk, attempt, factor, locale)
    return Answer(
        outcome=Outcome.DONE,
        facts=FactorPending(
            factor=factor.id,
            hint=mask(factor.destination),
            expires=0 if known else desk.ceiling.attempts.pending_factor_life,
            secrets=made.shown,
            account=standing.account,
        ),
    )


def confirm(desk: Desk, attempt: Attempt, identifier: bytes, code: Secret, *, locale: str) -> Answer:
    """Make a pending factor active by a code from it; a sheet of paper is confirmed by saying so."""
    with desk.state.reading() as tx:
        standing = _standing(tx, desk, attempt)
    factor = next((one for one in standing.pending if one.id == identifier), None)
    if factor is None:
        return Answer(outcome=Outcome.FACTOR_GONE)
    if factor.method is MethodKind.BACKUP_CODES:
        with desk.state.writing() as tx:
            return Answer(outcome=_activate(tx, desk, attempt, factor, locale))
    check = Check(desk, attempt, factor, handle=factor.id, locale=locale)
    refusal = check.reserve()
    if refusal:
        return refusal
    evidence = check.evidence(code)
    with desk.state.writing() as tx:
        if not check.settle(tx, evidence):
            return check.was_wrong().answer
        return Answer(outcome=_activate(tx, desk, attempt, factor, locale))


def remove(desk: Desk, attempt: Attempt, identifier: bytes, *, locale: str) -> Answer:
    """Remove a factor and leave a tombstone. The last one stays: without it nothing could be added again."""
    with desk.state.writing() as tx:
        standing = _standing(tx, desk, attempt)
        if not (standing.is_open and standing.stepped_up):
            return Answer(outcome=Outcome.NOT_PROVEN if standing.is_open else Outcome.ATTEMPT_GONE)
        if identifier in {one.id for one in standing.pending}:
            tx.execute(delete(factors).where(factors.c.id == identifier))
            return Answer(outcome=Outcome.DONE)
        factor = next((one for one in standing.active if one.id == identifier), None)
        if factor is None:
            return Answer(outcome=Outcome.FACTOR_GONE)
        if len(standing.active) == 1:
            return Answer(outcome=Outcome.NOT_ALLOWED)
        if is_refused(tx, desk, attempt, standing):
            return Answer(outcome=Outcome.UNREACHABLE)
        _bury(tx, desk, attempt, factor)
        announce(tx, desk, attempt, factor, kind="notice-factor-removed", locale=locale)
    return Answer(outcome=Outcome.DONE)


def _judged(
    tx: Connection, desk: Desk, attempt: Attempt, method: MethodKind, destination: Secret | None
) -> tuple[Standing, str | None, Outcome | None]:
    """Return where the person stands, where codes are to go, and why nothing may be added, if so."""
    standing = _standing(tx, desk, attempt)
    address = _address(standing, method, destination)
    return standing, address, _refusal(tx, desk, attempt, standing, address)


def _standing(tx: Connection, desk: Desk, attempt: Attempt) -> Standing:
    return standing_of(tx, desk, attempt.directory, attempt.guid, attempt.id)


def _address(standing: Standing, method: MethodKind, destination: Secret | None) -> str | None:
    """Return where codes are to go; empty for methods that send none, None for an address that is none."""
    if not KINDS[method].sends:
        return ""
    return read_address(destination.reveal() if destination else standing.own_mail)


def _refusal(
    tx: Connection, desk: Desk, attempt: Attempt, standing: Standing, address: str | None
) -> Outcome | None:
    if not standing.is_open:
        return Outcome.ATTEMPT_GONE
    if not standing.stepped_up:
        return Outcome.NOT_PROVEN
    if address is None:
        return Outcome.BAD_DESTINATION
    if is_refused(tx, desk, attempt, standing, adding=address):
        return Outcome.UNREACHABLE
    if len(standing.active) >= _MOST:
        return Outcome.NOT_ALLOWED
    return Outcome.FACTOR_EXISTS if address and _is_taken(tx, desk, attempt, address) else None


def _is_proven(standing: Standing, factor: Factor) -> bool:
    """Tell whether this attempt has just proven this very address; a second code would prove no more."""
    return standing.first and bool(factor.destination) and factor.destination == standing.own_mail


def _is_taken(tx: Connection, desk: Desk, attempt: Attempt, address: str) -> bool:
    same = (
        factors.c.directory == attempt.directory,
        factors.c.guid == attempt.guid,
        factors.c.state == "active",
        factors.c.box == digest_of_box(desk, address),
    )
    return tx.execute(select(factors.c.id).where(*same)).first() is not None


def _replace_pending(tx: Connection, desk: Desk, factor: Factor) -> None:
    older = (
        factors.c.state == "pending",
        factors.c.directory == factor.directory,
        factors.c.guid == factor.guid,
        factors.c.method == factor.method,
        factors.c.attempt == factor.attempt,
    )
    tx.execute(delete(factors).where(*older))
    address = factor.destination
    box = digest_of_box(desk, address) if address else None
    tx.execute(insert(factors).values(**row_of(factor, desk.keys, box=box)))


def _activate(tx: Connection, desk: Desk, attempt: Attempt, factor: Factor, locale: str) -> Outcome:
    standing = _standing(tx, desk, attempt)
    if not standing.is_open:
        return Outcome.ATTEMPT_GONE
    if factor.id not in {one.id for one in standing.pending}:
        return Outcome.FACTOR_GONE
    if not standing.stepped_up:
        return Outcome.NOT_PROVEN
    if is_refused(tx, desk, attempt, standing, adding=factor.destination):
        return Outcome.UNREACHABLE
    if factor.destination and _is_taken(tx, desk, attempt, factor.destination):
        return Outcome.FACTOR_EXISTS
    if factor.method is MethodKind.BACKUP_CODES:
        for older in standing.active:
            if older.method is factor.method:
                _bury(tx, desk, attempt, older)
    added = replace(factor, state="active", confirmed=desk.now())
    active = {"state": added.state, "confirmed": added.confirmed}
    tx.execute(update(factors).where(factors.c.id == factor.id).values(**active))
    announce(tx, desk, attempt, added, kind="notice-factor-added", locale=locale)
    return Outcome.DONE


def _bury(tx: Connection, desk: Desk, attempt: Attempt, factor: Factor) -> None:
    """Leave a tombstone: no secret, but the destination, which is told of changes for a while."""
    unmark_elsewhere(tx, attempt, factor)
    tomb = {"state": "removed", "ended": desk.now(), "secret": None}
    tx.execute(update(factors).where(factors.c.id == factor.id).values(**tomb))
