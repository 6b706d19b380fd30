"""What the jobs share that change factors: the sign-in, and the account as it is now."""

from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.jobs import AttemptJob
from writeback.handlers.common import SIGNED_IN, find_attempt, record, record_answer
from writeback.handlers.writes import read_live_account
from writeback.ports import Account, Attempt, Request, Site


def find_signed_in(request: Request[AttemptJob], site: Site) -> Attempt | Answer:
    """Return the sign-in in which factors may be changed, or the answer that says why not.

    What an admin did since the sign-in holds: a disabled, expired, protected or moved account changes
    nothing. A password that was set since then, by whomever, ends the sign-in: it was made with the old one.

    Raises:
        DirectoryAway: the account can't be read now.
    """
    attempt = find_attempt(request, site, SIGNED_IN)
    if attempt is None:
        return Answer(outcome=Outcome.ATTEMPT_GONE)
    account = read_live_account(attempt, site)
    if isinstance(account, Outcome):
        refused = Answer(outcome=account)
        return record_answer(site, "factor.refused", request, refused, account=attempt.guid.hex())
    if _has_new_password(account, attempt):
        site.register.end(attempt)
        record(site, "attempt.ended", attempt.id, why="the password was set since the sign-in")
        return Answer(outcome=Outcome.ATTEMPT_GONE)
    return attempt


def _has_new_password(account: Account, attempt: Attempt) -> bool:
    """Compare pwdLastSet; a domain controller that has an older one has not heard of the newer yet.

    0 means that an admin has the password changed at the next logon.
    """
    now, then = account.pwd_last_set, attempt.pwd_last_set
    return now > then or (now == 0 and then != 0)
