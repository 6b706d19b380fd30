"""What handlers share: finding the attempt, and writing each step into the audit."""

from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.jobs import AttemptJob, Job, Operation, reference_of
from writeback.ports import Account, Attempt, Lockout, Request, Site

SIGNED_IN = frozenset({Operation.REGISTER})
ANY = frozenset(Operation)


def attempt_of(request: Request[AttemptJob], site: Site, operations: frozenset[Operation]) -> Attempt | None:
    """Return the attempt that a job names, if it is open and for one of these operations."""
    job = request.job
    found = site.register.attempt(job.attempt, directory=job.directory, operations=operations)
    if found is None:
        tell(site, "attempt.gone", job.attempt, job=type(job).__name__)
    return found


def tell(site: Site, event: str, identifier: bytes, **facts: str | int | bool) -> None:
    """Write an event into the audit, under the reference of the attempt (or of a job that has none)."""
    site.audit.record(event, reference=reference_of(identifier), **facts)


def told(site: Site, event: str, request: Request[Job], answer: Answer, **facts: str | int | bool) -> Answer:
    """Write an answer's outcome into the audit, and return the answer."""
    job = request.job
    identifier = job.attempt if isinstance(job, AttemptJob) else request.jti
    tell(site, event, identifier, outcome=answer.outcome.value, **facts)
    return answer


def near_lockout(request: Request[Job], site: Site, account: Account) -> Answer | None:
    """Refuse a try that could bring AD to lock the account: whoever types here must not be able to.

    It reads like a wrong password, as a stranger gets none of these; only the audit says which it was.
    """
    if account.locked or _has_few_tries(site.directories[account.directory].lockout(account)):
        told(site, "password.not-tried", request, Answer(outcome=Outcome.SIGN_IN_CLOSED))
        return Answer(outcome=Outcome.WRONG_PASSWORD)
    return None


def _has_few_tries(lockout: Lockout) -> bool:
    if not lockout.readable:
        return True
    return bool(lockout.threshold) and lockout.bad_passwords >= min(3, lockout.threshold - 2)
