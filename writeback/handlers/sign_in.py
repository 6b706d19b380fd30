"""SignIn: the AD password opens the register, and AD is asked only where nobody can be locked out by it."""

from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.jobs import SignIn
from writeback.envelope.passwords import is_usable
from writeback.handlers.common import tell, told
from writeback.handlers.trying import Trial, reserve
from writeback.ports import Account, Request, Site


def handle(request: Request[SignIn], site: Site) -> Answer:
    """Count a failure, look whether a try is safe, and only then ask AD."""
    job = request.job
    account = site.directories[job.directory].find(job.name)
    verdict = site.judge(account) if account else Outcome.ACCOUNT_GONE
    served = account if verdict is None else None
    guid = served.guid if served else site.register.shadow(job.directory, job.name)
    trial = reserve(request, site, job.directory, guid)
    if isinstance(trial, Answer):
        return told(site, "signin", request, trial, account=guid.hex())
    answer = trial.run(lambda: _ask(request, trial, served), counted=[Outcome.WRONG_PASSWORD])
    told(site, "signin", request, answer, account=guid.hex(), verdict=verdict.value if verdict else "")
    if answer.outcome is not Outcome.DONE or served is None:
        return answer
    opened = site.register.open_signed_in(served)
    tell(site, "attempt.opened", opened.attempt, operation="register", account=guid.hex(), first=opened.first)
    return Answer(outcome=Outcome.DONE, facts=opened)


def _ask(request: Request[SignIn], trial: Trial, account: Account | None) -> Answer:
    (password,) = request.passwords()
    if account is None:
        return Answer(outcome=Outcome.WRONG_PASSWORD)
    refused = trial.near_lockout(account)
    if refused:
        return refused
    if not is_usable(password):
        return Answer(outcome=Outcome.WRONG_PASSWORD)
    outcome = trial.bind(account, password)
    # AD says "locked" whatever the password is: told here, it would tell strangers who is.
    return Answer(outcome=Outcome.WRONG_PASSWORD if outcome is Outcome.ACCOUNT_LOCKED else outcome)
