"""Sends codes within the limits; for a decoy, everything is done as usual but nothing is sent."""

import os
from collections.abc import Sequence

from sqlalchemy import Connection

from writeback.ceiling import MINUTE, Rate
from writeback.envelope.answers import Answer, Outcome, Wait
from writeback.envelope.jobs import reference_of
from writeback.ports import Attempt, Note, Started
from writeback.proof.chains import source_of
from writeback.proof.context import RegisterContext
from writeback.proof.factor import MADE_UP, Factor
from writeback.proof.factor_kind import Trial
from writeback.proof.sent_codes import make_code
from writeback.state import Count, Source, put, take, wait_for


def send_code(
    tx: Connection,
    context: RegisterContext,
    attempt: Attempt,
    factor: Factor,
    *,
    handle: bytes,
    also: Sequence[Factor] = (),
    kind: str,
    locale: str,
) -> Started:
    """Make a code and put it in the outbox, or answer why that can't be done now.

    A refusal that a stranger sees depends on the typed name alone. If the mailbox or its owner has used up
    its mails under other names, or the site has sent as many as strangers may cause, no mail goes out, and
    the browser gets the same answer as for a name that nobody has. Known browsers and sign-ins have counts of
    their own and get the true answer.

    Args:
        tx: the transaction in which everything about this code is written.
        context: state, keys, time and policy.
        attempt: the attempt in which the code is valid.
        factor: the factor that the code is sent to.
        handle: the name that the portal uses for the factor; the code is kept under it.
        also: other mailboxes of the person, which get the same code while their limits allow it.
        kind: name of the mail's text.
        locale: BCP 47 tag of the text's language.
    """
    by = source_of(tx, context, attempt)
    refusal = _take_code(tx, context, attempt, factor, by)
    if refusal is not None:
        return Started(answer=refusal, withheld=True)
    is_sent = _take_mail(tx, context, attempt, factor, by)
    code = make_code(
        tx, Trial(context=context, attempt=attempt.id, factor=factor, handle=handle), sent=is_sent
    )
    life = context.ceiling.attempts.code_life
    parameters = {"code": code, "minutes": str(life // MINUTE), "reference": reference_of(attempt.id)}
    boxes = [factor]
    if is_sent:
        boxes += [other for other in also if _take_other_mail(tx, context, attempt, other, by)]
    notes = [
        Note(kind=kind, channel=to.channel, to=to.to, locale=locale, parameters=parameters, life=life)
        for to in (box.goes_to for box in boxes)
    ]
    put(tx, context.keys, notes, now=context.now(), send=is_sent)
    return Started(answer=Answer(outcome=Outcome.DONE), withheld=not is_sent)


def _take_code(
    tx: Connection, context: RegisterContext, attempt: Attempt, factor: Factor, by: Source
) -> Answer | None:
    """Count one more code, for a stranger by typed name, else by mailbox; return None, or the refusal."""
    limits, now = context.ceiling.limits, context.now()
    counts = _counts_of_box(context, attempt, factor, by)
    told = [*counts, _count_of_site(context, by)]
    place = f"{factor.goes_to.digest(context.keys).hex()}:{by}"
    if by is Source.STRANGER:
        # Only mails to real people fill the site's count, so a stranger who is told that it is full learns
        # that the typed name is real.
        rates = (*limits.sends_per_destination, *limits.sends_per_person)
        counts = [Count(subject=f"send:name:{attempt.directory}:{attempt.typed}", rates=rates)]
        told = counts
        place = attempt.typed
    # A mail that is not sent must not use up the site's limit, so only look at it here.
    seconds = wait_for(tx, told, now=now)
    if seconds:
        return Answer(outcome=Outcome.LIMIT_REACHED, facts=Wait(seconds=seconds))
    pause = Count(
        subject=f"send:pause:{place}", rates=[Rate(count=1, seconds=context.ceiling.attempts.resend_wait)]
    )
    seconds = take(tx, [pause, *counts], now=now, ticket=os.urandom(16))
    return Answer(outcome=Outcome.TOO_SOON, facts=Wait(seconds=seconds)) if seconds else None


def _take_mail(
    tx: Connection, context: RegisterContext, attempt: Attempt, factor: Factor, by: Source
) -> bool:
    """Count one more mail to a person, under whatever name, and tell whether it may be sent."""
    if attempt.decoy or factor.state == MADE_UP:
        return False
    uncounted = _counts_of_box(context, attempt, factor, by) if by is Source.STRANGER else ()
    return take(tx, [*uncounted, _count_of_site(context, by)], now=context.now(), ticket=os.urandom(16)) == 0


def _take_other_mail(
    tx: Connection, context: RegisterContext, attempt: Attempt, factor: Factor, by: Source
) -> bool:
    """Count one more mail to another mailbox of the same person, and tell whether it may be sent."""
    counts = [_counts_of_box(context, attempt, factor, by)[0], _count_of_site(context, by)]
    return take(tx, counts, now=context.now(), ticket=os.urandom(16)) == 0


def _counts_of_box(context: RegisterContext, attempt: Attempt, factor: Factor, by: Source) -> list[Count]:
    """Return the counts of a mailbox and of its owner; each source has its own, with the same limits."""
    limits, box = context.ceiling.limits, factor.goes_to.digest(context.keys).hex()
    return [
        Count(subject=f"send:box:{box}:{by}", rates=limits.sends_per_destination),
        Count(subject=f"send:{attempt.owner.key}:{by}", rates=limits.sends_per_person),
    ]


def _count_of_site(context: RegisterContext, by: Source) -> Count:
    """Return the count of all mails of the site; strangers can't use its last quarter."""
    limits = context.ceiling.limits
    rates = limits.sends_for_strangers if by is Source.STRANGER else limits.sends_per_site
    return Count(subject="send", rates=rates)
