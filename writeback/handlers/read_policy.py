"""ReadPolicy: return the rules for a new password: after proof the person's own, before it the domain's."""

from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.jobs import Operation, ReadPolicy
from writeback.handlers.common import ANY
from writeback.handlers.ripening import read_rules
from writeback.ports import Request, Site


def handle(request: Request[ReadPolicy], site: Site) -> Answer:
    """Return the rules that the person may see."""
    job = request.job
    if job.attempt is None:
        return _read_common_rules(site)
    attempt = site.register.attempt(job.attempt, operations=ANY)
    if attempt is None or attempt.directory not in site.directories:
        return Answer(outcome=Outcome.ATTEMPT_GONE)
    if attempt.operation is Operation.CHANGE:  # nothing is proven yet
        return _read_common_rules(site)
    if attempt.operation is not Operation.REGISTER and not attempt.proven:
        return Answer(outcome=Outcome.NOT_PROVEN)
    directory = site.directories[attempt.directory]
    account = directory.read(attempt.guid)
    if account is None:
        return Answer(outcome=Outcome.ACCOUNT_GONE)
    return read_rules(directory, account, operation=attempt.operation)


def _read_common_rules(site: Site) -> Answer:
    """Return the rules of everybody at the site; without facts if they differ between its directories."""
    first, *others = (directory.policy(None) for directory in site.directories.values())
    is_same = all(rules == first for rules in others)
    return Answer(outcome=Outcome.DONE, facts=first if is_same else None)
