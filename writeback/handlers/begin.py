"""Begin: open an attempt for a typed name; the answer never reveals whether such a person exists."""

from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.jobs import Begin, Operation
from writeback.handlers.common import record_answer, record_opening
from writeback.handlers.finding import look_up_name
from writeback.handlers.selecting import select_groups
from writeback.ports import Request, Site


def handle(request: Request[Begin], site: Site) -> Answer:
    """Find the account, judge it, and open an attempt, which is a decoy if nobody is served."""
    job = request.job
    if job.operation is Operation.REGISTER:
        return record_answer(site, "attempt.refused", request, Answer(outcome=Outcome.REFUSED))
    groups = select_groups(site, job.only_groups)
    lookup = look_up_name(job.name, site, brings_password=job.operation is Operation.CHANGE)
    account, verdict = lookup.account, lookup.verdict
    if account and not groups.lets_in(account):
        account, verdict = None, Outcome.OUT_OF_SCOPE.value
    opened = site.register.open(
        realm=site.realm, operation=job.operation, name=lookup.name, account=account, chain=job.chain
    )
    lookup.report(site, opened.attempt)
    missing = groups.find_missing()
    more = {"missing_group": job.only_groups[missing[0]]} if missing else {}
    if lookup.away:
        more["away"] = ",".join(lookup.away)
    record_opening(
        site,
        request,
        opened.attempt,
        operation=job.operation.value,
        directory=account.directory if account else "",
        account=lookup.guid,
        verdict=verdict,
        **more,
    )
    return Answer(outcome=Outcome.DONE, facts=opened)
