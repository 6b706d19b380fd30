"""Has the worker set up and remove methods, and keeps their ids and labels in a mirror."""

from collections.abc import Sequence

from django.db import transaction

from portal.audit.flows import record
from portal.audit.words import outcome_word
from portal.dispatch.flows import ask
from portal.methods.models import Factor
from portal.people.session import SignedInPerson, SignInOverError
from writeback.envelope.answers import Answer, FactorFacts, FactorList, FactorPending, FactorState, Outcome
from writeback.envelope.jobs import (
    AttemptJob,
    ConfirmFactor,
    EnrolFactor,
    ListFactors,
    RemoveFactor,
    StartFactor,
    reference_of,
)
from writeback.envelope.methods import MethodKind
from writeback.envelope.secret import Secret


def read_factors(person: SignedInPerson, *, locale: str) -> FactorList | Answer | None:
    """Ask the worker for the person's factors, and bring the mirror up to date.

    Returns:
        The list, the worker's refusal, or None if no answer came in time.
    """
    job = ListFactors(site=person.site, locale=locale, attempt=person.attempt_id)
    answer = _ask_once(job)
    if answer is None or not isinstance(answer.facts, FactorList):
        return answer
    _mirror(person, answer.facts.factors)
    return answer.facts


def enrol(
    person: SignedInPerson, kind: MethodKind, *, locale: str, destination: Secret | None = None
) -> FactorPending | Answer | None:
    """Begin a new factor.

    Args:
        person: the person who is signed in.
        kind: the method of the new factor.
        locale: language of the texts that the worker sends.
        destination: a mail address; None for the one in the directory, and for methods that send nothing.

    Returns:
        What is shown once, the worker's refusal, or None if no answer came in time.
    """
    job = EnrolFactor(
        site=person.site,
        locale=locale,
        attempt=person.attempt_id,
        method=kind,
        destination=destination,
    )
    answer = _ask_once(job)
    pending = answer.facts if answer else None
    record("factor.enrolled", reference=person.reference, method=kind, outcome=outcome_word(answer))
    if not isinstance(pending, FactorPending):
        return answer
    Factor.objects.update_or_create(
        factor_id=pending.factor.hex(),
        defaults={
            "user_id": person.account,
            "kind": kind.value,
            "hint": pending.hint,
            "confirmed": pending.expires == 0,
        },
    )
    return pending


def send_again(person: SignedInPerson, factor: Factor, *, locale: str) -> Answer | None:
    """Have another code sent to the destination of a pending factor; the worker limits how often."""
    job = StartFactor(site=person.site, locale=locale, attempt=person.attempt_id, factor=_id_of(factor))
    answer = _ask_once(job)
    record("factor.started", reference=person.reference, method=factor.kind, outcome=outcome_word(answer))
    return answer


def confirm(person: SignedInPerson, factor: Factor, code: Secret, *, locale: str) -> Answer | None:
    """Make a pending factor active with a code from it."""
    job = ConfirmFactor(
        site=person.site, locale=locale, attempt=person.attempt_id, factor=_id_of(factor), code=code
    )
    answer = _ask_once(job)
    record("factor.confirmed", reference=person.reference, method=factor.kind, outcome=outcome_word(answer))
    if answer and answer.outcome is Outcome.DONE:
        Factor.objects.filter(pk=factor.pk).update(confirmed=True)
    return answer


def remove(person: SignedInPerson, factor: Factor, *, locale: str) -> Answer | None:
    """Remove a factor for good."""
    job = RemoveFactor(site=person.site, locale=locale, attempt=person.attempt_id, factor=_id_of(factor))
    answer = _ask_once(job)
    record("factor.removed", reference=person.reference, method=factor.kind, outcome=outcome_word(answer))
    if answer and answer.outcome in {Outcome.DONE, Outcome.FACTOR_GONE}:
        Factor.objects.filter(pk=factor.pk).delete()
    return answer


def rename(person: SignedInPerson, factor: Factor, *, label: str) -> None:
    """Give a factor another label; labels are at the portal only."""
    Factor.objects.filter(pk=factor.pk, user_id=person.account).update(name=label)
    record("factor.renamed", reference=person.reference, method=factor.kind)


def _id_of(factor: Factor) -> bytes:
    return bytes.fromhex(factor.factor_id)


def _ask_once(job: AttemptJob) -> Answer | None:
    """Ask a worker about somebody who is signed in.

    Raises:
        SignInOverError: the worker has ended the sign-in.
    """
    answer = ask(job).answer
    if answer and answer.outcome is Outcome.ATTEMPT_GONE:
        record("sign-in.over", reference=reference_of(job.attempt), job=type(job).__name__)
        raise SignInOverError
    return answer


def _mirror(person: SignedInPerson, factors: Sequence[FactorFacts]) -> None:
    there = {facts.factor.hex(): facts for facts in factors}
    with transaction.atomic():
        Factor.objects.filter(user_id=person.account).exclude(factor_id__in=there).delete()
        for factor_id, facts in there.items():
            values = {
                "user_id": person.account,
                "kind": facts.method.value,
                "hint": facts.hint,
                "confirmed": facts.state is FactorState.ACTIVE,
            }
            Factor.objects.update_or_create(factor_id=factor_id, defaults=values)
