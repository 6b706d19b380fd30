"""Begin: open an attempt for a typed name; the answer never reveals whether such a person exists."""

from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.jobs import Begin, Operation
from writeback.handlers.common import record_answer, record_opening
from writeback.handlers.finding import find_meant
from writeback.handlers.selecting import select_groups
from writeback.ports import Request, Site


def handle(request: Request[Begin], site: Site) -> Answer:
    """Find the account, judge it, and open an attempt, which is a decoy if nobody is served."""
    job = request.job
    if job.operation is Operation.REGISTER:
        return record_answer(site, "attempt.refused", request, Answer(outcome=Outcome.REFUSED))
    groups = select_groups(site, job.directory, job.only_groups)
    meant = find_meant(job.name, site, job.directory)
    account, verdict = meant.account, meant.verdict
    if account and not groups.lets_in(account):
        account, verdict = None, Outcome.OUT_OF_SCOPE.value
    opened = site.register.open(
        directory=job.directory, operation=job.operation, name=meant.name, account=account, chain=job.chain
    )
    meant.report(site, opened.attempt)
    missing = groups.find_missing()
    missing_group = {"missing_group": job.only_groups[missing[0]]} if missing else {}
    record_opening(
        site,
        request,
        opened.attempt,
        operation=job.operation.value,
        directory=job.directory,
        account=meant.guid,
        verdict=verdict,
        **missing_group,
    )
    return Answer(outcome=Outcome.DONE, facts=opened)
