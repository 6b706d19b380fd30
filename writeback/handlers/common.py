"""Helpers of all handlers: find the attempt, and write each step into the audit."""

from collections.abc import Mapping, Sequence

from writeback.envelope.addresses import UnusableAddress, check_address
from writeback.envelope.answers import Answer, Outcome, Wait
from writeback.envelope.jobs import AttemptJob, Begin, Job, Operation, SignIn, reference_of
from writeback.ports import Account, Attempt, Request, Site

SIGNED_IN = frozenset({Operation.REGISTER})
ANY = frozenset(Operation)
RIGHT_PASSWORD = frozenset(
    {
        Outcome.DONE,
        Outcome.MUST_CHANGE,
        Outcome.PASSWORD_EXPIRED,
        Outcome.ACCOUNT_RESTRICTED,
        Outcome.ACCOUNT_DISABLED,
        Outcome.ACCOUNT_EXPIRED,
    }
)
"""AD's answers to a bind with the right password only; any other answer must look like a wrong password."""
NOT_TRIED: Mapping[str, str] = {"outcome": "not-tried"}
"""The audit's outcome for a password that AD was not asked about; "wrong" would mislead the helpdesk."""


def find_attempt(
    request: Request[AttemptJob], site: Site, operations: frozenset[Operation]
) -> Attempt | None:
    """Return the attempt that a job names, if it is open and for one of these operations."""
    job = request.job
    found = site.register.attempt(job.attempt, operations=operations)
    if found is None or found.directory not in site.directories:
        record(site, "attempt.gone", job.attempt, job=type(job).__name__)
        return None
    return found


def record(site: Site, event: str, identifier: bytes, **facts: str | int | bool) -> None:
    """Write an event into the audit, under the reference of the attempt, or of a job without an attempt."""
    site.audit.record(event, reference=reference_of(identifier), **facts)


def record_opening(
    site: Site, request: Request[Begin] | Request[SignIn], attempt: bytes, **facts: str | int | bool
) -> None:
    """Write into the audit, under the attempt's reference, that a job has opened an attempt.

    The event also holds the job's own reference as `asked_as`: a page shows that one if the answer is late.
    """
    record(site, "attempt.opened", attempt, asked_as=reference_of(request.jti), **facts)


def record_answer(
    site: Site, event: str, request: Request[Job], answer: Answer, **facts: str | int | bool
) -> Answer:
    """Write an answer's outcome, or the `outcome` among the facts, into the audit, and return the answer."""
    job = request.job
    identifier = job.attempt if isinstance(job, AttemptJob) else request.jti
    record(site, event, identifier, **{"outcome": answer.outcome.value, **facts})
    return answer


def record_groups(site: Site, identifier: bytes, dns: Sequence[str]) -> None:
    """Write into the audit which groups the portal asked about; there are few, since each is counted."""
    for dn in dns:
        record(site, "group.asked", identifier, group=dn)


def wrong_password(site: Site) -> Answer:
    """Return the answer to a wrong password, and to everything that must look like one.

    It always holds the longest observation window of the site, so it is the same for everybody.
    """
    seconds = max(directory.longest_window() for directory in site.directories.values())
    return Answer(outcome=Outcome.WRONG_PASSWORD, facts=Wait(seconds=seconds) if seconds else None)


def record_unusable_mail(site: Site, identifier: bytes, account: Account) -> None:
    """Write into the audit that an account has a mail address in the directory that can't be sent to.

    The address itself is left out: the account's GUID and the fault are enough to find and correct it.
    """
    if not account.mail.strip():
        return
    try:
        check_address(account.mail)
    except UnusableAddress as error:
        record(site, "account.mail-unusable", identifier, account=account.guid.hex(), why=error.fault.value)
