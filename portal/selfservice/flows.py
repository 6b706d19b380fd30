"""Step 2 of 8: sends the job of an attempt, and follows it to its end."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from portal.audit.flows import account_name, pseudonym, record
from portal.audit.rules import Fact
from portal.audit.words import neutral_word
from portal.dispatch.flows import ask, follow_up
from portal.dispatch.queries import latest_job
from portal.gates.flows import NotBegun, end_others, mark_repeated, open_signed_in
from portal.gates.models import Attempt
from portal.gates.rules import UNHEARD
from portal.people.flows import remember
from portal.people.models import Account
from portal.people.queries import find_account
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

# If the portal died after it had saved "sent", but before it sent a job, there is none to ask about. By this
# time the wait of a living portal is over.
NEVER_SENT_AFTER = timedelta(seconds=30)
# If the worker could not confirm a write at first, it may find out later.
FOLLOWED = (Attempt.State.SENT, Attempt.State.UNSURE)
# A page asks every two seconds at most, so this is enough for two windows of one browser.
LOOKS = (Rate(60, 60),)


def set_password(attempt: Attempt, new: Secret, *, locale: str) -> None:
    """Have the new password set. Only one job of an attempt is under way, however often this is called."""
    job = ResetPassword(site=attempt.site, locale=locale, attempt=attempt.attempt_id)
    _send(attempt, job, (new,))


def unlock(attempt: Attempt, *, locale: str) -> None:
    """Have the account unlocked; its password stays."""
    _send(attempt, UnlockAccount(site=attempt.site, locale=locale, attempt=attempt.attempt_id), ())


def change_password(attempt: Attempt, *, new: Secret, old: Secret, locale: str) -> None:
    """Have the password changed; the old one is the proof."""
    job = ChangePassword(site=attempt.site, locale=locale, attempt=attempt.attempt_id)
    # The old password is not proven yet, so the time that a refusal takes must tell a stranger nothing.
    _send(attempt, job, (new, old), floor=settings.KEYBACK_FLOOR)


def follow(attempt: Attempt) -> None:
    """Ask what became of the job of an attempt, and save the result if there is one.

    Each question has a new reply key. Once the life of the job is over, the worker is asked to close it: a
    job that it has not seen by then is never done.
    """
    if attempt.state not in FOLLOWED or attempt.sent is None:
        return
    waited = timezone.now() - attempt.sent
    if waited < timedelta(seconds=settings.KEYBACK_WAIT + 0.5):
        return  # the request that sent the job is still waiting for the answer, or has only just given up
    if take("follow", attempt.public_id, rates=LOOKS):
        return  # each question is a job, and one browser must not use up the jobs that a worker takes
    job = latest_job(attempt.attempt_id)
    if job and job.sent_at >= attempt.sent:
        _settle(attempt, follow_up(job).answer)
    elif waited > NEVER_SENT_AFTER:
        _settle(attempt, Answer(outcome=Outcome.CLOSED))
    attempt.refresh_from_db()


def check_sign_in(
    *, name: str, password: Secret, site: str, locale: str
) -> tuple[Attempt, Account] | NotBegun:
    """Have the worker check a person's password, so that they can change their methods.

    Args:
        name: the name as typed.
        password: the password.
        site: the site at which the person is looked up.
        locale: language of the texts that the worker sends.

    Returns:
        The attempt and the account, or why there is no attempt.
    """
    job = SignIn(site=site, locale=locale, name=name)
    reply = ask(job, passwords=(password,), floor=settings.KEYBACK_FLOOR)
    facts = reply.answer.facts if reply.answer else None
    if not isinstance(facts, SignedIn):
        word, reference = neutral_word(reply.answer), reference_of(reply.jti)
        record("sign-in.refused", reference=reference, name=pseudonym(name), outcome=word)
        return NotBegun(answer=reply.answer, reference=reference)
    account = remember(
        directory=facts.directory, guid=facts.account, name=facts.name, display_name=facts.display_name
    )
    return open_signed_in(facts=facts, account=account, site=site), account


def _send(attempt: Attempt, job: WriteJob, passwords: tuple[Secret, ...], *, floor: float = 0.0) -> None:
    if _claim(attempt):
        _settle(attempt, ask(job, passwords=passwords, wait=settings.KEYBACK_WAIT, floor=floor).answer)
    else:
        mark_repeated(attempt)
    attempt.refresh_from_db()


@transaction.atomic
def _claim(attempt: Attempt) -> bool:
    """Reserve an open attempt for one job; False if another request was first, or the time is over."""
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
    """Save what is known of the job now; a final result is never changed."""
    if answer is not None and answer.outcome is Outcome.NOT_TAKEN:
        # The page says this while the worker is asked again; a job is closed when its life is over.
        Attempt.objects.filter(pk=attempt.pk, state=Attempt.State.SENT).update(outcome=answer.outcome)
    if answer is None or answer.outcome in STILL_GOING:
        return
    facts_kept = facts_to_keep(answer.facts)
    state = state_after(answer.outcome, facts_kept)
    if attempt.state == state == Attempt.State.UNSURE:
        return
    values: dict[str, object] = {
        "state": state,
        "outcome": answer.outcome,
        "facts": facts_kept,
        "finished": None,
    }
    if answer.outcome not in UNHEARD:
        values["touched"] = F("sent")
    if state != Attempt.State.OPEN:
        values |= {"finished": timezone.now(), "name": ""}
    if Attempt.objects.filter(pk=attempt.pk, state__in=FOLLOWED).update(**values):
        facts: dict[str, Fact] = {"operation": attempt.operation, "outcome": neutral_word(answer)}
        applied = answer.facts if isinstance(answer.facts, Applied) else None
        known = find_account(directory=applied.directory, guid=applied.account) if applied else None
        facts |= _name_person(attempt, is_done=state == Attempt.State.DONE, known=known)
        if applied and known:
            signed_out = end_others(known, at=datetime.fromtimestamp(applied.at, UTC))
            facts |= {"guid": known.guid, "signed_out": signed_out}
        record("job.settled", reference=attempt.reference, **facts)


def _name_person(attempt: Attempt, *, is_done: bool, known: Account | None = None) -> dict[str, str]:
    """Return the account for the audit; empty unless the person has proven who they are.

    They prove it with their methods or, in a change, with the old password. The account's own name is used
    if the worker has told which account it is, since a person may have typed a mail address.

    Args:
        attempt: the attempt.
        is_done: True if the job was done: only then the old password was right for certain.
        known: the account, if the worker has told which one it is, and it has been seen before.
    """
    if attempt.operation == Operation.CHANGE and not is_done:
        return {}
    return {"account": account_name(known.name if known else attempt.name)}


def state_after(outcome: Outcome, facts: dict[str, object]) -> Attempt.State:
    """Return the state of an attempt after the worker's answer to its job.

    Args:
        outcome: outcome of the job.
        facts: facts as returned by `facts_to_keep`.
    """
    if is_out_of_tries(outcome, facts):
        return Attempt.State.NOT_DONE
    if outcome in APPLIED:
        return Attempt.State.DONE
    if outcome is Outcome.UNKNOWN:
        return Attempt.State.UNSURE
    return Attempt.State.OPEN if outcome in PASSWORD_REFUSED | TRY_AGAIN else Attempt.State.NOT_DONE
