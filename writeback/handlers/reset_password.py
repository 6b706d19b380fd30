"""Step 5 of 8, ResetPassword: set a new password for a person who has proven who they are."""

from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.jobs import Operation, ResetPassword
from writeback.envelope.passwords import is_usable
from writeback.handlers.common import record_answer
from writeback.handlers.unsent import refuse_unsent
from writeback.handlers.writes import Write, find_proven_attempt, read_account
from writeback.ports import Request, Site


def handle(request: Request[ResetPassword], site: Site) -> Answer:
    """Check the proofs, the account as it is now, and the password; then write once."""
    attempt = find_proven_attempt(request, site, Operation.RESET)
    if isinstance(attempt, Answer):
        return attempt
    account = read_account(request, site, attempt)
    if isinstance(account, Answer):
        return account
    (new,) = request.passwords()
    if not is_usable(new):
        return record_answer(site, "write.refused", request, Answer(outcome=Outcome.UNUSABLE_PASSWORD))
    directory = site.directories[attempt.directory]
    refused = refuse_unsent(directory, account, new)
    write = Write(request=request, site=site, attempt=attempt, account=account, new=new)
    return write.apply(lambda at: refused or directory.reset_password(account, new, at=at))
