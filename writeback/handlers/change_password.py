"""ChangePassword: the old password is the proof, and AD judges it. Until it has, everybody hears the same."""

from dataclasses import replace

from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.jobs import ChangePassword, Operation
from writeback.envelope.passwords import is_usable
from writeback.envelope.secret import Secret
from writeback.handlers.common import attempt_of, told
from writeback.handlers.naming import holds_own_name, refused_for_name
from writeback.handlers.trying import Trial, reserve
from writeback.handlers.writes import Write, live_account
from writeback.ports import Account, Attempt, Preimage, Request, Site, Written

_WRONG = Answer(outcome=Outcome.WRONG_PASSWORD)
_COUNTED = frozenset({Outcome.WRONG_PASSWORD, Outcome.UNKNOWN})
_PROVEN = frozenset({Outcome.DONE, Outcome.MUST_CHANGE, Outcome.PASSWORD_EXPIRED})
_NOT_PROVEN = frozenset({Outcome.WRONG_PASSWORD, Outcome.ACCOUNT_LOCKED})
_TOLD_AFTER_PROOF = frozenset({Outcome.ACCOUNT_DISABLED, Outcome.ACCOUNT_EXPIRED})


def handle(request: Request[ChangePassword], site: Site) -> Answer:
    """Count a wrong password in advance, look whether a try is safe, and only then ask AD."""
    attempt = attempt_of(request, site, frozenset({Operation.CHANGE}))
    if attempt is None:
        return Answer(outcome=Outcome.ATTEMPT_GONE)
    trial = reserve(request, site, attempt.directory, attempt.guid)
    if isinstance(trial, Answer):
        return told(site, "write.refused", request, trial)
    return trial.run(lambda: _Change(request, site, attempt, trial).answer(), counted=_COUNTED)


class _Change:
    """One change, from the look at the account to AD's verdict."""

    def __init__(self, request: Request[ChangePassword], site: Site, attempt: Attempt, trial: Trial) -> None:
        self._request, self._site, self._attempt, self._trial = request, site, attempt, trial
        self._directory = site.directories[attempt.directory]
        self._is_judged = False  # AD has seen the old password

    def answer(self) -> Answer:
        new, old = self._request.passwords()
        if not is_usable(new):
            return self._told(Answer(outcome=Outcome.UNUSABLE_PASSWORD))
        account = self._account(old)
        if isinstance(account, Answer):
            return self._told(account)
        refused = self._own_name(account, old, new)
        if refused and refused.outcome is Outcome.WRONG_PASSWORD:
            return self._told(_WRONG)
        answer = Write(
            request=self._request, site=self._site, attempt=self._attempt, account=account, new=new
        ).apply(lambda at: refused or self._write(account, old, new, at))
        if self._is_judged:
            return answer
        # A limit or a job beside this one stood in the way: a stranger must not learn of it, as there is
        # none for a name that nobody has.
        return answer if self._trial.bind(account, old) in _PROVEN else self._told(_WRONG)

    def _write(self, account: Account, old: Secret, new: Secret, at: Preimage) -> Written:
        written = self._trial.change(account, old, new, at=at)
        self._is_judged = True
        # AD says "locked" whatever the old password is: told here, it would tell strangers who is.
        is_locked = written.outcome is Outcome.ACCOUNT_LOCKED
        return replace(written, outcome=Outcome.WRONG_PASSWORD) if is_locked else written

    def _own_name(self, account: Account, old: Secret, new: Secret) -> Written | None:
        """Refuse a new password for the name in it, or for the old one, which must be proven before that.

        AD is asked about the old one once: a wrong one ends here, and where the bind can't tell, AD judges
        the change.
        """
        if not holds_own_name(account, new):
            return None
        found = self._trial.bind(account, old)
        if found in _NOT_PROVEN:
            return Written(outcome=Outcome.WRONG_PASSWORD)
        if found not in _PROVEN:
            return None
        self._is_judged = True
        return refused_for_name(self._directory, account, new)

    def _account(self, old: Secret) -> Account | Answer:
        """Return the account to be changed; before the old password is proven, every "no" is the same.

        The directory is asked about made-up people too: while it is away, everybody hears so.
        """
        if not is_usable(old):
            return _WRONG
        account = live_account(self._attempt, self._site)
        if self._attempt.decoy:
            return _WRONG
        if isinstance(account, Account):
            return self._trial.near_lockout(account) or account
        if account not in _TOLD_AFTER_PROOF:
            self._told(Answer(outcome=account))
            return _WRONG
        return self._without_writing(old) or _WRONG

    def _without_writing(self, old: Secret) -> Answer | None:
        """Let AD judge the old password of a disabled or expired account, whose password is not changed."""
        account = self._directory.read(self._attempt.guid)
        if account is None or self._trial.near_lockout(account):
            return None
        outcome = self._trial.bind(account, old)
        return Answer(outcome=outcome) if outcome in _TOLD_AFTER_PROOF else None

    def _told(self, answer: Answer) -> Answer:
        return told(self._site, "write.refused", self._request, answer)
