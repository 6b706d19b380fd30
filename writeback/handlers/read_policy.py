"""ReadPolicy: return the rules for a new password: after proof the person's own, before it the domain's."""

from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.jobs import Operation, ReadPolicy
from writeback.handlers.common import ANY
from writeback.handlers.ripening import read_rules
from writeback.ports import Request, Site


def handle(request: Request[ReadPolicy], site: Site) -> Answer:
    """Return the rules that the person may see."""
    job, directory = request.job, site.directories[request.job.directory]
    if job.attempt is None:
        return Answer(outcome=Outcome.DONE, facts=directory.policy(None))
    attempt = site.register.attempt(job.attempt, directory=job.directory, operations=ANY)
    if attempt is None:
        return Answer(outcome=Outcome.ATTEMPT_GONE)
    if attempt.operation is Operation.CHANGE:  # nothing is proven yet
        return Answer(outcome=Outcome.DONE, facts=directory.policy(None))
    if attempt.operation is not Operation.REGISTER and not attempt.proven:
        return Answer(outcome=Outcome.NOT_PROVEN)
    account = directory.read(attempt.guid)
    if account is None:
        return Answer(outcome=Outcome.ACCOUNT_GONE)
    return read_rules(directory, account, operation=attempt.operation)
