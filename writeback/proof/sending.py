"""Sending codes: so many and no more, to whom it may concern, and for a decoy to nobody."""

import os
from collections.abc import Sequence

from sqlalchemy import Connection

from writeback.ceiling import MINUTE, Rate
from writeback.envelope.answers import Answer, Outcome, Wait
from writeback.envelope.jobs import reference_of
from writeback.envelope.secret import Secret
from writeback.ports import Attempt, Note
from writeback.proof.desk import Desk
from writeback.proof.email import make_code
from writeback.proof.factor import MADE_UP, Factor
from writeback.proof.kind import Trial
from writeback.proof.mailbox import box_of
from writeback.state import Count, put, take, wait_for


def send_code(
    tx: Connection,
    desk: Desk,
    attempt: Attempt,
    factor: Factor,
    *,
    also: Sequence[Factor] = (),
    kind: str,
    locale: str,
) -> Answer | None:
    """Make a code and put it in the outbox; an answer says why that can't be now.

    Args:
        tx: the transaction in which everything about this code is written.
        desk: state, keys, time and policy.
        attempt: in which the code is good.
        factor: where it goes; it is kept with this one.
        also: other mailboxes of the person, which get the same code while they may be sent to.
        kind: of text.
        locale: BCP 47 tag of its language.
    """
    wait = _wait(tx, desk, attempt, factor)
    if wait is not None:
        return wait
    code = make_code(tx, Trial(desk=desk, attempt=attempt.id, factor=factor))
    life = desk.ceiling.attempts.code_life
    parameters = {"code": code, "minutes": str(life // MINUTE), "reference": reference_of(attempt.id)}
    boxes = [factor, *(other for other in also if _has_room(tx, desk, other))]
    notes = [
        Note(kind=kind, to=Secret(box.destination), locale=locale, parameters=parameters, life=life)
        for box in boxes
    ]
    put(tx, desk.keys, notes, now=desk.now(), send=_is_sent(attempt, factor))
    return None


def digest_of_box(desk: Desk, address: str) -> bytes:
    """Return what says that two addresses are one mailbox, without saying which."""
    return desk.keys.digest("box", box_of(address).encode())


def _is_sent(attempt: Attempt, factor: Factor) -> bool:
    return not attempt.decoy and factor.state != MADE_UP


def _has_room(tx: Connection, desk: Desk, factor: Factor) -> bool:
    """Count one more mail to a box and of the site, and tell whether it may be sent."""
    limits, box = desk.ceiling.limits, digest_of_box(desk, factor.destination).hex()
    counts = [
        Count(subject=f"send:box:{box}", rates=limits.sends_per_destination),
        Count(subject="send", rates=limits.sends_per_site),
    ]
    return take(tx, counts, now=desk.now(), ticket=os.urandom(16)) == 0


def _wait(tx: Connection, desk: Desk, attempt: Attempt, factor: Factor) -> Answer | None:
    box = digest_of_box(desk, factor.destination).hex()
    limits, now = desk.ceiling.limits, desk.now()
    pause = Count(
        subject=f"send:pause:{box}", rates=[Rate(count=1, seconds=desk.ceiling.attempts.resend_wait)]
    )
    counts = [
        Count(subject=f"send:box:{box}", rates=limits.sends_per_destination),
        Count(subject=f"send:{attempt.directory}:{attempt.guid.hex()}", rates=limits.sends_per_person),
        Count(subject="send", rates=limits.sends_per_site),
    ]
    seconds = wait_for(tx, counts, now=now)
    if seconds:
        return Answer(outcome=Outcome.LIMIT_REACHED, facts=Wait(seconds=seconds))
    # What is not sent must not use up what the site may send; all the rest is alike for everybody.
    taken = counts if _is_sent(attempt, factor) else counts[:-1]
    seconds = take(tx, [pause, *taken], now=now, ticket=os.urandom(16))
    return Answer(outcome=Outcome.TOO_SOON, facts=Wait(seconds=seconds)) if seconds else None
