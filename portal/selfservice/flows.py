"""Step 2 of 8: sending what an attempt was begun for, and following it to its end."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from portal.audit.flows import account_name, pseudonym, record
from portal.audit.words import neutral_word
from portal.dispatch.flows import ask, follow_up
from portal.dispatch.queries import latest_job
from portal.gates.flows import NotBegun, end_others, mark_repeated, open_signed_in
from portal.gates.models import Attempt
from portal.gates.rules import UNHEARD
from portal.people.flows import remember
from portal.people.models import Account
from portal.selfservice.outcomes import (
    APPLIED,
    PASSWORD_REFUSED,
    STILL_GOING,
    TRY_AGAIN,
    facts_to_keep,
    is_out_of_tries,
)
from portal.throttle.counts import take
from portal.throttle.rates import Rate
from writeback.envelope.answers import Answer, Applied, Outcome, SignedIn
from writeback.envelope.jobs import (
    ChangePassword,
    Operation,
    ResetPassword,
    SignIn,
    UnlockAccount,
    WriteJob,
    reference_of,
)
from writeback.envelope.secret import Secret

# A portal that died between writing "sent" and sending leaves no job; its own wait is over by then.
NEVER_SENT_AFTER = timedelta(seconds=30)
# What the worker couldn't confirm at first it may find out later.
FOLLOWED = (Attempt.State.SENT, Attempt.State.UNSURE)
# A page asks every two seconds at most; two windows of one browser have enough of this.
LOOKS = (Rate(60, 60),)


def set_password(attempt: Attempt, new: Secret, *, locale: str) -> None:
    """Have the new password set; however often this is called, one job leaves for one attempt at a time."""
    job = ResetPassword(directory=attempt.directory, locale=locale, attempt=attempt.attempt_id)
    _send(attempt, job, (new,))


def unlock(attempt: Attempt, *, locale: str) -> None:
    """Have the account unlocked, its password left as it is."""
    _send(attempt, UnlockAccount(directory=attempt.directory, locale=locale, attempt=attempt.attempt_id), ())


def change_password(attempt: Attempt, *, new: Secret, old: Secret, locale: str) -> None:
    """Have the password changed, with the old one as proof."""
    job = ChangePassword(directory=attempt.directory, locale=locale, attempt=attempt.attempt_id)
    # Before the old password is proven, a stranger must not be told by how quick the "no" is.
    _send(attempt, job, (new, old), floor=settings.KEYBACK_FLOOR)


def follow(attempt: Attempt) -> None:
    """Ask what became of a job that was sent, with a new reply key each time.

    When the job's life is over, the worker is asked to close it: what was not seen by then is never applied.
    """
    if attempt.state not in FOLLOWED or attempt.sent is None:
        return
    waited = timezone.now() - attempt.sent
    if waited < timedelta(seconds=settings.KEYBACK_WAIT + 0.5):
        return  # the request that sent it is still waiting itself, or has just told its browser to
    if take("follow", attempt.public_id, rates=LOOKS):
        return  # each look is a job, and one browser must not use up what a worker takes
    job = latest_job(attempt.attempt_id)
    if job and job.sent_at >= attempt.sent:
        _settle(attempt, follow_up(job).answer)
    elif waited > NEVER_SENT_AFTER:
        _settle(attempt, Answer(outcome=Outcome.CLOSED))
    attempt.refresh_from_db()


def check_sign_in(
    *, name: str, password: Secret, directory: str, locale: str
) -> tuple[Attempt, Account] | NotBegun:
    """Have the worker check a directory password, for changes of one's own methods.

    Returns:
        the attempt and the person; else why there is no attempt.
    """
    job = SignIn(directory=directory, locale=locale, name=name)
    reply = ask(job, passwords=(password,), floor=settings.KEYBACK_FLOOR)
    facts = reply.answer.facts if reply.answer else None
    if not isinstance(facts, SignedIn):
        told, reference = neutral_word(reply.answer), reference_of(reply.jti)
        record("sign-in.refused", reference=reference, name=pseudonym(name), outcome=told)
        return NotBegun(answer=reply.answer, reference=reference)
    account = remember(
        directory=directory, guid=facts.account, name=facts.name, display_name=facts.display_name
    )
    return open_signed_in(facts=facts, account=account), account


def _send(attempt: Attempt, job: WriteJob, passwords: tuple[Secret, ...], *, floor: float = 0.0) -> None:
    if _claim(attempt):
        _settle(attempt, ask(job, passwords=passwords, wait=settings.KEYBACK_WAIT, floor=floor).answer)
    else:
        mark_repeated(attempt)
    attempt.refresh_from_db()


@transaction.atomic
def _claim(attempt: Attempt) -> bool:
    """Take an open attempt for one job; False if another request was first, or its time is over."""
    now = timezone.now()
    claimed = Attempt.objects.filter(pk=attempt.pk, state=Attempt.State.OPEN, expires__gt=now).update(
        state=Attempt.State.SENT, sent=now, repeated=False, outcome="", facts={}
    )
    if claimed:
        facts = {"operation": attempt.operation} | _name_person(attempt, is_done=False)
        record("job.submitted", reference=attempt.reference, **facts)
    return bool(claimed)


@transaction.atomic
def _settle(attempt: Attempt, answer: Answer | None) -> None:
    """Write down what is known now; a result that is final stays as it is."""
    if answer is not None and answer.outcome is Outcome.NOT_TAKEN:
        # The page must say so while the worker is asked again, which closes the job at the end of its life.
        Attempt.objects.filter(pk=attempt.pk, state=Attempt.State.SENT).update(outcome=answer.outcome)
    if answer is None or answer.outcome in STILL_GOING:
        return
    facts_kept = facts_to_keep(answer.facts)
    state = state_after(answer.outcome, facts_kept)
    if attempt.state == state == Attempt.State.UNSURE:
        return
    told: dict[str, object] = {
        "state": state,
        "outcome": answer.outcome,
        "facts": facts_kept,
        "finished": None,
    }
    if answer.outcome not in UNHEARD:
        told["touched"] = F("sent")
    if state != Attempt.State.OPEN:
        told |= {"finished": timezone.now(), "name": ""}
    if Attempt.objects.filter(pk=attempt.pk, state__in=FOLLOWED).update(**told):
        facts = {"operation": attempt.operation, "outcome": neutral_word(answer)}
        applied = answer.facts if isinstance(answer.facts, Applied) else None
        guid = applied.account if applied else b""
        facts |= _name_person(attempt, is_done=state == Attempt.State.DONE, guid=guid)
        record("job.settled", reference=attempt.reference, **facts)
        if applied and guid:
            at = datetime.fromtimestamp(applied.at, UTC)
            end_others(directory=attempt.directory, guid=guid, at=at)


def _name_person(attempt: Attempt, *, is_done: bool, guid: bytes = b"") -> dict[str, str]:
    """Return who it is, for the audit: only somebody who has proved it, by gates or by the old password.

    Who typed an address is named by the account once the worker has told whose it is.
    """
    if attempt.operation == Operation.CHANGE and not is_done:
        return {}
    known = Account.objects.filter(directory=attempt.directory, guid=guid.hex()).first() if guid else None
    return {"account": account_name(known.name if known else attempt.name)}


def state_after(outcome: Outcome, facts: dict[str, object]) -> Attempt.State:
    """Return where an attempt stands after the worker's answer to its job.

    Args:
        outcome: of the job.
        facts: as kept by `facts_to_keep`.
    """
    if is_out_of_tries(outcome, facts):
        return Attempt.State.NOT_DONE
    if outcome in APPLIED:
        return Attempt.State.DONE
    if outcome is Outcome.UNKNOWN:
        return Attempt.State.UNSURE
    return Attempt.State.OPEN if outcome in PASSWORD_REFUSED | TRY_AGAIN else Attempt.State.NOT_DONE
