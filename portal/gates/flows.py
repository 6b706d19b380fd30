"""Opens attempts, has codes sent, and has codes checked.

Each flow reserves in one transaction, asks the worker, and settles in another one. No transaction is open
while a worker is asked.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from portal.audit.flows import account_name, pseudonym, record
from portal.audit.words import ASKED, neutral_word, outcome_word
from portal.dispatch.flows import ask
from portal.gates.chain import keep_chain, read_chain
from portal.gates.closing import close_used_up, reopen
from portal.gates.models import Attempt, Offer
from portal.gates.queries import policy, resend_in, sites
from portal.gates.rules import LOOKS, MAY_BE_SENT, SENDINGS, TRIES, UNHEARD
from portal.people.flows import end_sign_ins
from portal.people.models import Account
from portal.throttle.counts import give_back, take
from portal.throttle.rates import Rate
from portal.web import client
from writeback.envelope.answers import (
    Answer,
    AttemptOpened,
    GateOffer,
    HealthReport,
    Outcome,
    Progress,
    SignedIn,
    Wait,
)
from writeback.envelope.deadlines import SIGN_COUNTS_AFTER
from writeback.envelope.jobs import (
    Begin,
    CheckFactor,
    Health,
    Operation,
    ReadPolicy,
    StartFactor,
    reference_of,
)
from writeback.envelope.secret import Secret

DONE = Answer(outcome=Outcome.DONE)
COUNTED = {Outcome.WRONG_CODE, Outcome.CODE_EXPIRED, Outcome.TOO_MANY_TRIES, Outcome.FACTOR_GONE}
# While a person opens pages, the worker hears of it this often.
TELL_EVERY = timedelta(seconds=60)
# How often a refused start is recorded, for one network and for all: more would fill the audit.
TURNED_AWAY_ONCE, TURNED_AWAY_IN_ALL = Rate(1, 600), Rate(60, 600)


@dataclass(frozen=True, kw_only=True)
class NotBegun:
    """Why there is no attempt.

    Args:
        answer: the worker's answer; None if none came in time.
        reference: the reference of the job, for the helpdesk.
    """

    answer: Answer | None
    reference: str


def begin(
    request: HttpRequest, *, operation: Operation, name: str, site: str, locale: str
) -> Attempt | NotBegun:
    """Open an attempt for the person of this name.

    Args:
        request: the request of the browser; its cookie holds the token of its attempts (chain.py).
        operation: RESET, UNLOCK or CHANGE.
        name: the name as typed; it is kept until the attempt is over.
        site: the site whose workers look the person up.
        locale: language of the texts that the worker sends.
    """
    rules = policy()
    if not rules.allows(operation):
        return NotBegun(answer=Answer(outcome=Outcome.NOT_ALLOWED), reference="")
    selected = operation is Operation.RESET and rules.reset_scope == rules.Scope.SELECTED
    groups = rules.group_list() if selected else ()
    job = Begin(
        site=site,
        locale=locale,
        operation=operation,
        name=name,
        only_groups=groups,
        chain=read_chain(request),
    )
    reply = ask(job, floor=settings.KEYBACK_FLOOR)
    facts = reply.answer.facts if reply.answer else None
    if not isinstance(facts, AttemptOpened):
        reference = reference_of(reply.jti)
        record(
            "attempt.refused", reference=reference, operation=operation, outcome=outcome_word(reply.answer)
        )
        return NotBegun(answer=reply.answer, reference=reference)
    keep_chain(request, facts.chain)
    attempt = Attempt(operation=operation, site=site, name=name)
    attempt.methods_needed = facts.methods_needed
    attempt.families_needed = facts.families_needed
    attempt.idle, attempt.code_life = facts.idle, facts.code_life
    _open(attempt, facts.attempt, facts.expires, facts.offers)
    record("attempt.begun", reference=attempt.reference, operation=operation, name=pseudonym(name))
    return attempt


def open_signed_in(*, facts: SignedIn, account: Account, site: str) -> Attempt:
    """Open the attempt in which somebody changes their methods; the worker has checked their password."""
    gates = 1 if facts.offers else 0
    attempt = Attempt(operation=Operation.REGISTER, site=site, name=facts.name, account=account)
    attempt.methods_needed = attempt.families_needed = gates
    attempt.code_life = facts.code_life
    _open(attempt, facts.attempt, facts.expires, facts.offers)
    who = account_name(facts.name)
    record("attempt.signed-in", reference=attempt.reference, account=who, first=facts.first)
    return attempt


def require_step_up(attempt: Attempt, offers: tuple[GateOffer, ...]) -> None:
    """Require one proof in an attempt that had no way to give one, now that the worker offers ways."""
    with transaction.atomic():
        attempt.methods_needed = attempt.families_needed = 1
        attempt.enough = False
        attempt.save(update_fields=["methods_needed", "families_needed", "enough"])
        attempt.offers.all().delete()
        _keep_offers(attempt, offers)


def start_factor(attempt: Attempt, offer: Offer, *, locale: str, again: bool = False) -> Answer | None:
    """Have the worker send a code; for a method that sends none it does nothing, and answers alike.

    Args:
        attempt: the attempt.
        offer: the way that was chosen.
        locale: language of the text.
        again: True asks for another code. False keeps a code that was sent a moment ago.
    """
    now = timezone.now()
    wait = _reserve_sending(offer, now)
    if wait:
        return Answer(outcome=Outcome.TOO_SOON, facts=Wait(seconds=wait)) if again else DONE
    wait = take("sendings", attempt.public_id, rates=SENDINGS)
    if wait:
        _give_back_sending(offer, now)
        return Answer(outcome=Outcome.LIMIT_REACHED, facts=Wait(seconds=wait))
    job = StartFactor(site=attempt.site, locale=locale, attempt=attempt.attempt_id, factor=offer.factor)
    answer = ask(job, floor=settings.KEYBACK_FLOOR).answer
    # If no answer came, the code may still be on its way: the page must have a field for it.
    if answer and answer.outcome not in MAY_BE_SENT:
        _give_back_sending(offer, now)
        if offer.sent is None:  # otherwise an earlier code may still be typed
            close_used_up(attempt, offer, answer)
    word = neutral_word(answer, done=ASKED)
    record("factor.started", reference=attempt.reference, method=offer.kind, outcome=word)
    _apply_answer(attempt, answer)
    return answer


def count_look(attempt: Attempt) -> None:
    """Count the opening of a page as a sign of life, at the worker too, but at most once a minute.

    The rules in the worker's answer don't matter here, only that a job was sent within the attempt. The
    minute begins before the worker is asked: otherwise pages would ask again and again while no good answer
    comes.
    """
    if not attempt.idle or timezone.now() - attempt.touched < TELL_EVERY:
        return
    if take("looks", attempt.public_id, rates=LOOKS):
        return
    look = ReadPolicy(site=attempt.site, attempt=attempt.attempt_id)
    _apply_answer(attempt, ask(look, wait=1.0).answer)


def check_code(attempt: Attempt, offer: Offer, code: Secret, *, locale: str) -> Answer | None:
    """Have the worker check a code.

    The try is counted before the worker is asked, and taken back unless it was wrong: so parallel tries can't
    outrun the count (NIST SP 800-63B-4 §3.2.2).
    """
    wait = take("tries", attempt.public_id, rates=TRIES)
    if wait:
        record("factor.throttled", reference=attempt.reference, method=offer.kind)
        close_used_up(attempt, offer, None)
        return Answer(outcome=Outcome.TOO_MANY_TRIES, facts=Wait(seconds=wait))
    job = CheckFactor(
        site=attempt.site, locale=locale, attempt=attempt.attempt_id, factor=offer.factor, code=code
    )
    answer = ask(job, floor=settings.KEYBACK_FLOOR).answer
    if answer and answer.outcome not in COUNTED:
        give_back("tries", attempt.public_id)
    right = answer is not None and answer.outcome is Outcome.DONE
    if answer and right and isinstance(answer.facts, Progress):
        _mark_proven(attempt, answer.facts)
        reopen(attempt)
    else:
        close_used_up(attempt, offer, answer)
    event = "factor.proven" if right else "factor.failed"
    record(event, reference=attempt.reference, method=offer.kind, outcome=neutral_word(answer))
    _apply_answer(attempt, answer)
    return answer


def void(attempt: Attempt, *, why: str) -> None:
    """Close an attempt for good, if nothing was sent in it yet."""
    there = Attempt.objects.filter(pk=attempt.pk, state=Attempt.State.OPEN)
    if there.update(state=Attempt.State.VOID, finished=timezone.now(), name=""):
        record("attempt.void", reference=attempt.reference, why=why)


def end_others(account: Account, *, at: datetime) -> bool:
    """End the sign-ins and attempts that a person began before a write, as the worker has done too.

    Args:
        account: the person's account.
        at: time of the write, by the worker's clock.

    Returns:
        False if the sign-ins had been ended already, by a later write.
    """
    until = min(at, timezone.now())
    mine = Attempt.objects.filter(account=account)
    mine.filter(state=Attempt.State.OPEN, started__lte=until, expires__gt=until).update(expires=until)
    return end_sign_ins(account, until=until)


def mark_repeated(attempt: Attempt) -> None:
    """Save that the form of an attempt was sent again after its job, so that the result page can say so."""
    left = Attempt.objects.filter(pk=attempt.pk, sent__isnull=False, repeated=False)
    if left.exclude(state__in=[Attempt.State.OPEN, Attempt.State.VOID]).update(repeated=True):
        record("attempt.repeated", reference=attempt.reference, operation=attempt.operation)


def read_ceiling() -> HealthReport | None:
    """Ask a worker for the values of its ceiling; None if none answers."""
    for site in sites():
        answer = ask(Health(site=site)).answer
        if answer and isinstance(answer.facts, HealthReport):
            return answer.facts
    return None


def forget_names() -> int:
    """Forget the typed names in open attempts whose time has run out; return how many."""
    over = Attempt.objects.filter(state=Attempt.State.OPEN, expires__lt=timezone.now()).exclude(name="")
    return over.update(name="")


def forget_old_attempts() -> int:
    """Delete the attempts that ended over two days ago, and return how many rows; the audit stays."""
    return Attempt.objects.filter(expires__lt=timezone.now() - timedelta(days=2)).delete()[0]


def _apply_answer(attempt: Attempt, answer: Answer | None) -> None:
    """End an attempt that the worker has ended; otherwise count the job as a sign of life."""
    if answer and answer.outcome is Outcome.ATTEMPT_GONE:
        attempt.expires = timezone.now()
        attempt.save(update_fields=["expires"])
    elif answer and answer.outcome not in UNHEARD:
        _touch(attempt)


def _touch(attempt: Attempt) -> None:
    """Save when the worker had a sign of life, no more often than the worker itself counts one."""
    now = timezone.now()
    if now - attempt.touched > timedelta(seconds=SIGN_COUNTS_AFTER):
        attempt.touched = now
        attempt.save(update_fields=["touched"])


def _reserve_sending(offer: Offer, now: datetime) -> int:
    with transaction.atomic():
        locked = Offer.objects.select_for_update().get(pk=offer.pk)
        wait = resend_in(locked)
        if not wait:
            Offer.objects.filter(pk=offer.pk).update(sent=now, used_up=False)
    return wait


def _give_back_sending(offer: Offer, reserved: datetime) -> None:
    """Let the code that was sent before count again, unless another one was asked for since."""
    Offer.objects.filter(pk=offer.pk, sent=reserved).update(sent=offer.sent, used_up=offer.used_up)


def _open(attempt: Attempt, remote_id: bytes, seconds: int, offers: tuple[GateOffer, ...]) -> None:
    attempt.remote_id, attempt.reference = remote_id.hex(), reference_of(remote_id)
    attempt.expires = timezone.now() + timedelta(seconds=seconds)
    with transaction.atomic():
        attempt.save()
        _keep_offers(attempt, offers)


def _keep_offers(attempt: Attempt, offers: tuple[GateOffer, ...]) -> None:
    Offer.objects.bulk_create(
        Offer(attempt=attempt, handle=offer.factor.hex(), kind=offer.method, hint=offer.hint, place=place)
        for place, offer in enumerate(offers)
    )


def _mark_proven(attempt: Attempt, progress: Progress) -> None:
    with transaction.atomic():
        attempt.offers.filter(kind__in=[kind.value for kind in progress.proven]).update(proven=True)
        attempt.enough = progress.enough
        attempt.save(update_fields=["enough"])


def record_turned_away(sender: object, request: HttpRequest, what: str, scope: str, **_: object) -> None:
    """Record that a browser was turned away at the door; a receiver of the signal turned_away.

    Args:
        sender: not used.
        request: the request of the browser.
        what: the kind of share that is used up: "start" or "password".
        scope: the owner of that share: "browser", "address", "network" or "all".
    """
    where = client.network(request)
    if take("turned-away", where, rates=[TURNED_AWAY_ONCE]):
        return
    if not take("turned-away", "all", rates=[TURNED_AWAY_IN_ALL]):
        record("start.throttled", network=where, what=what, scope=scope)
