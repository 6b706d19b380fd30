"""Begin: open an attempt for whoever says a name; the answer never tells if there is such a person."""

from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.jobs import Begin, Operation
from writeback.handlers.common import tell, told
from writeback.ports import Request, Site


def handle(request: Request[Begin], site: Site) -> Answer:
    """Find the account, judge it, and open an attempt or a decoy."""
    job = request.job
    if job.operation is Operation.REGISTER:
        return told(site, "attempt.refused", request, Answer(outcome=Outcome.REFUSED))
    account = site.directories[job.directory].find(job.name)
    verdict = site.judge(account) if account else Outcome.ACCOUNT_GONE
    opened = site.register.open(
        directory=job.directory,
        operation=job.operation,
        name=job.name,
        account=account if verdict is None else None,
    )
    tell(
        site,
        "attempt.opened",
        opened.attempt,
        operation=job.operation.value,
        directory=job.directory,
        account=account.guid.hex() if account else "",
        verdict=verdict.value if verdict else "",
    )
    return Answer(outcome=Outcome.DONE, facts=opened)
