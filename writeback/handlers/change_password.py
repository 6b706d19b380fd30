"""ChangePassword: the old password is the proof, and AD judges it. Until it has, everybody hears the same."""

from dataclasses import replace

from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.jobs import ChangePassword, Operation
from writeback.envelope.passwords import is_usable
from writeback.envelope.secret import Secret
from writeback.handlers.common import attempt_of, near_lockout, told
from writeback.handlers.naming import holds_own_name, refused_for_name
from writeback.handlers.writes import Write, live_account
from writeback.ports import Account, Attempt, Directory, DirectoryAway, Preimage, Request, Site, Written

_COUNTED = frozenset({Outcome.WRONG_PASSWORD, Outcome.UNKNOWN})
_PROVEN = frozenset({Outcome.DONE, Outcome.MUST_CHANGE, Outcome.PASSWORD_EXPIRED})
_NOT_PROVEN = frozenset({Outcome.WRONG_PASSWORD, Outcome.ACCOUNT_LOCKED})
_TOLD_AFTER_PROOF = frozenset({Outcome.ACCOUNT_DISABLED, Outcome.ACCOUNT_EXPIRED})


def handle(request: Request[ChangePassword], site: Site) -> Answer:
    """Count a wrong password in advance, look whether a try is safe, and only then ask AD."""
    attempt = attempt_of(request, site, frozenset({Operation.CHANGE}))
    if attempt is None:
        return Answer(outcome=Outcome.ATTEMPT_GONE)
    ticket = site.register.reserve_password(attempt.directory, attempt.guid)
    if isinstance(ticket, Answer):
        return told(site, "write.refused", request, ticket)
    try:
        answer = _change(request, site, attempt)
    except DirectoryAway:
        site.register.forgive_password(ticket)
        raise
    if answer.outcome not in _COUNTED:
        site.register.forgive_password(ticket)
    return answer


def _change(request: Request[ChangePassword], site: Site, attempt: Attempt) -> Answer:
    new, old = request.passwords()
    if not is_usable(new):
        return told(site, "write.refused", request, Answer(outcome=Outcome.UNUSABLE_PASSWORD))
    account = _account(request, site, attempt, old)
    if isinstance(account, Answer):
        return told(site, "write.refused", request, account)
    directory = site.directories[attempt.directory]
    refused = _own_name(directory, account, old, new)
    if refused and refused.outcome is Outcome.WRONG_PASSWORD:
        return told(site, "write.refused", request, Answer(outcome=Outcome.WRONG_PASSWORD))

    def act(at: Preimage) -> Written:
        if refused:
            return refused
        written = directory.change_password(account, old, new, at=at)
        # AD says "locked" whatever the old password is: told here, it would tell strangers who is.
        is_locked = written.outcome is Outcome.ACCOUNT_LOCKED
        return replace(written, outcome=Outcome.WRONG_PASSWORD) if is_locked else written

    return Write(request=request, site=site, attempt=attempt, account=account, new=new).apply(act)


def _own_name(directory: Directory, account: Account, old: Secret, new: Secret) -> Written | None:
    """Refuse a new password for the name in it, or for the old one, which must be proven before that is told.

    AD is asked about the old one once: a wrong one ends here, and where the bind can't tell, AD judges the
    change.
    """
    if not holds_own_name(account, new):
        return None
    found = directory.check_password(account, old)
    if found in _NOT_PROVEN:
        return Written(outcome=Outcome.WRONG_PASSWORD)
    return refused_for_name(directory, account, new) if found in _PROVEN else None


def _account(request: Request[ChangePassword], site: Site, attempt: Attempt, old: Secret) -> Account | Answer:
    """Return the account to be changed; before the old password is proven, every "no" is the same."""
    wrong = Answer(outcome=Outcome.WRONG_PASSWORD)
    if attempt.decoy or not is_usable(old):
        return wrong
    account = live_account(attempt, site)
    if isinstance(account, Account):
        return near_lockout(request, site, account) or account
    if account not in _TOLD_AFTER_PROOF:
        told(site, "write.refused", request, Answer(outcome=account))
        return wrong
    return _without_writing(request, site, attempt, old) or wrong


def _without_writing(
    request: Request[ChangePassword], site: Site, attempt: Attempt, old: Secret
) -> Answer | None:
    """Let AD judge the old password of a disabled or expired account, whose password is not to be changed."""
    directory = site.directories[attempt.directory]
    account = directory.read(attempt.guid)
    if account is None or near_lockout(request, site, account):
        return None
    outcome = directory.check_password(account, old)
    return Answer(outcome=outcome) if outcome in _TOLD_AFTER_PROOF else None
