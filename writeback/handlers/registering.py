"""Helpers of the handlers that change factors: find the sign-in, and check the account as it is now."""

from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.jobs import AttemptJob
from writeback.handlers.common import SIGNED_IN, find_attempt, record, record_answer
from writeback.handlers.writes import read_live_account
from writeback.ports import Account, Attempt, Request, Site


def find_signed_in(request: Request[AttemptJob], site: Site) -> Attempt | Answer:
    """Return the sign-in in which factors may be changed, or the answer that says why not.

    An account that was disabled, expired, protected or moved after the sign-in can't change factors any more.
    If anybody has set its password since then, the sign-in ends, because it was made with the old password.

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
    """Tell whether pwdLastSet shows a newer password; an older value comes from a DC that lags behind.

    0 means that the password must be changed at the next logon, because an administrator asked for it.
    """
    now, then = account.pwd_last_set, attempt.pwd_last_set
    return now > then or (now == 0 and then != 0)
