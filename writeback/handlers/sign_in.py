"""SignIn: the AD password opens the register, and AD is asked only where nobody can be locked out by it."""

from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.jobs import SignIn
from writeback.envelope.passwords import is_usable
from writeback.handlers.common import near_lockout, tell, told
from writeback.ports import Account, DirectoryAway, Request, Site


def handle(request: Request[SignIn], site: Site) -> Answer:
    """Count a failure, look whether a try is safe, and only then ask AD."""
    job = request.job
    account = site.directories[job.directory].find(job.name)
    verdict = site.judge(account) if account else Outcome.ACCOUNT_GONE
    served = account if verdict is None else None
    guid = served.guid if served else site.register.shadow(job.directory, job.name)
    ticket = site.register.reserve_password(job.directory, guid)
    if isinstance(ticket, Answer):
        return told(site, "signin", request, ticket, account=guid.hex())
    try:
        answer = _ask(request, site, served)
    except DirectoryAway:
        site.register.forgive_password(ticket)
        raise
    if answer.outcome is not Outcome.WRONG_PASSWORD:
        site.register.forgive_password(ticket)
    told(site, "signin", request, answer, account=guid.hex(), verdict=verdict.value if verdict else "")
    if answer.outcome is not Outcome.DONE or served is None:
        return answer
    opened = site.register.open_signed_in(served)
    tell(site, "attempt.opened", opened.attempt, operation="register", account=guid.hex(), first=opened.first)
    return Answer(outcome=Outcome.DONE, facts=opened)


def _ask(request: Request[SignIn], site: Site, account: Account | None) -> Answer:
    (password,) = request.passwords()
    if account is None:
        return Answer(outcome=Outcome.WRONG_PASSWORD)
    closed = near_lockout(request, site, account)
    if closed:
        return closed
    if not is_usable(password):
        return Answer(outcome=Outcome.WRONG_PASSWORD)
    outcome = site.directories[request.job.directory].check_password(account, password)
    # AD says "locked" whatever the password is: told here, it would tell strangers who is.
    return Answer(outcome=Outcome.WRONG_PASSWORD if outcome is Outcome.ACCOUNT_LOCKED else outcome)
