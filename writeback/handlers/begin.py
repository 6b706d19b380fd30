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
    groups = select_groups(site, job.directory, job.only_groups)
    lookup = look_up_name(job.name, site, job.directory)
    account, verdict = lookup.account, lookup.verdict
    if account and not groups.lets_in(account):
        account, verdict = None, Outcome.OUT_OF_SCOPE.value
    opened = site.register.open(
        directory=job.directory, operation=job.operation, name=lookup.name, account=account, chain=job.chain
    )
    lookup.report(site, opened.attempt)
    missing = groups.find_missing()
    missing_group = {"missing_group": job.only_groups[missing[0]]} if missing else {}
    record_opening(
        site,
        request,
        opened.attempt,
        operation=job.operation.value,
        directory=job.directory,
        account=lookup.guid,
        verdict=verdict,
        **missing_group,
    )
    return Answer(outcome=Outcome.DONE, facts=opened)
