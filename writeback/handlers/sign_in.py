"""SignIn: the AD password opens the register; AD is asked only if that can't lock the account."""

from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.jobs import SignIn
from writeback.envelope.passwords import is_usable
from writeback.handlers.common import (
    NOT_TRIED,
    RIGHT_PASSWORD,
    record_answer,
    record_opening,
    record_unusable_mail,
    wrong_password,
)
from writeback.handlers.finding import Lookup, look_up_name
from writeback.handlers.trying import Trial, reserve
from writeback.ports import Owner, Request, Site

_OPENS = frozenset({Outcome.DONE, Outcome.ACCOUNT_RESTRICTED})
"""A person who may not sign in at this hour or from this machine has proven the password all the same."""


def handle(request: Request[SignIn], site: Site) -> Answer:
    """Count a wrong password in advance, check whether a try is safe, and only then ask AD."""
    job = request.job
    lookup = look_up_name(job.name, site, brings_password=True)
    lookup.report(site, request.jti)
    shadow = site.register.shadow(site.realm, lookup.name)
    owner = lookup.account.owner if lookup.account else Owner(directory=site.realm, guid=shadow)
    trial = reserve(request, site, owner, typed=shadow.hex())
    if isinstance(trial, Answer):
        return record_answer(site, "signin", request, trial, account=lookup.guid)
    answer = trial.run(lambda: _ask(request, site, trial, lookup), counted=[Outcome.WRONG_PASSWORD])
    if answer.outcome not in _OPENS or lookup.account is None:
        return answer
    record_unusable_mail(site, request.jti, lookup.account)
    opened = site.register.open_signed_in(lookup.account)
    if isinstance(opened, Answer):
        return record_answer(
            site, "attempt.refused", request, opened, operation="register", account=lookup.guid
        )
    record_opening(
        site, request, opened.attempt, operation="register", account=lookup.guid, first=opened.first
    )
    return Answer(outcome=Outcome.DONE, facts=opened)


def _ask(request: Request[SignIn], site: Site, trial: Trial, lookup: Lookup) -> Answer:
    """Let AD judge a served person's password; an answer that does not prove it looks like a wrong one."""
    (password,) = request.passwords()
    account, wrong = lookup.account, wrong_password(site)
    if account is None:
        return record_answer(
            site, "signin", request, wrong, **NOT_TRIED, account=lookup.guid, verdict=lookup.verdict
        )
    if trial.is_near_lockout(account):
        return record_answer(
            site, "signin", request, wrong, **NOT_TRIED, account=lookup.guid, verdict="near-lockout"
        )
    outcome = trial.bind(account, password) if is_usable(password) else wrong.outcome
    record_answer(site, "signin", request, Answer(outcome=outcome), account=lookup.guid)
    return Answer(outcome=outcome) if outcome in RIGHT_PASSWORD else wrong
