"""UnlockAccount: unlock the account without changing its password."""

from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.jobs import Operation, UnlockAccount
from writeback.handlers.common import record_answer
from writeback.handlers.writes import Write, find_proven_attempt, read_account
from writeback.ports import Request, Site


def handle(request: Request[UnlockAccount], site: Site) -> Answer:
    """Check the proofs and the account as it is now; then write once."""
    attempt = find_proven_attempt(request, site, Operation.UNLOCK)
    if isinstance(attempt, Answer):
        return attempt
    account = read_account(request, site, attempt)
    if isinstance(account, Answer):
        return account
    if not account.locked:
        return record_answer(site, "write.refused", request, Answer(outcome=Outcome.NOT_LOCKED))
    directory = site.directories[attempt.directory]
    write = Write(request=request, site=site, attempt=attempt, account=account)
    return write.apply(lambda at: directory.unlock(account, at=at))
