"""ChangePassword: the old password is the proof, and AD judges it; until then every answer is the same."""

from dataclasses import replace

from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.jobs import ChangePassword, Operation
from writeback.envelope.passwords import is_usable
from writeback.envelope.secret import Secret
from writeback.handlers.common import NOT_TRIED, RIGHT_PASSWORD, find_attempt, record_answer, wrong_password
from writeback.handlers.ripening import refuse_too_young
from writeback.handlers.trying import Trial, reserve
from writeback.handlers.unsent import refuse_unsent
from writeback.handlers.writes import Write, read_live_account
from writeback.passwords import may_break
from writeback.ports import Account, Attempt, DirectoryAway, Preimage, Request, Site, Written

_COUNTED = frozenset({Outcome.WRONG_PASSWORD, Outcome.UNKNOWN})
_TOLD_AFTER_PROOF = frozenset({Outcome.ACCOUNT_DISABLED, Outcome.ACCOUNT_EXPIRED, Outcome.SMART_CARD})
_OLD_ONE_JUDGED = frozenset(
    {Outcome.DONE, Outcome.UNKNOWN, Outcome.WRONG_PASSWORD, Outcome.REFUSED_BY_POLICY}
)
"""Outcomes of a change that say that AD judged the old password, or that its answer was lost."""
_NOBODYS = bytes(16)
"""An objectGUID that no account has."""


def handle(request: Request[ChangePassword], site: Site) -> Answer:
    """Count a wrong password in advance, check whether a try is safe, and only then ask AD."""
    attempt = find_attempt(request, site, frozenset({Operation.CHANGE}))
    if attempt is None:
        return Answer(outcome=Outcome.ATTEMPT_GONE)
    trial = reserve(request, site, attempt.owner, typed=attempt.typed)
    if isinstance(trial, Answer):
        return record_answer(site, "write.refused", request, trial)
    return trial.run(lambda: _Change(request, site, attempt, trial).answer(), counted=_COUNTED)


class _Change:
    """One change, from reading the account to AD's verdict."""

    def __init__(self, request: Request[ChangePassword], site: Site, attempt: Attempt, trial: Trial) -> None:
        self._request, self._site, self._attempt, self._trial = request, site, attempt, trial
        self._directory = site.directories[attempt.directory]
        self._wrong = wrong_password(site)
        self._is_judged = False  # AD has seen the old password

    def answer(self) -> Answer:
        new, old = self._request.passwords()
        if not is_usable(new):
            return self._refuse(Answer(outcome=Outcome.UNUSABLE_PASSWORD))
        account = self._find_account(old)
        if isinstance(account, Answer):
            return account
        young = self._refuse_too_young(account, old)
        if young:
            return self._refuse(young)
        refused = self._refuse_own_name(account, old, new)
        if refused and refused.outcome is Outcome.WRONG_PASSWORD:
            return self._refuse(self._wrong)
        answer = Write(
            request=self._request, site=self._site, attempt=self._attempt, account=account, new=new
        ).apply(lambda at: refused or self._write(account, old, new, at))
        if self._is_judged:
            return answer
        # A limit or a job that runs at the same time refused the write. A made-up name meets neither, so a
        # stranger must not learn of it.
        return answer if self._is_right(account, old) else self._refuse(self._wrong)

    def _write(self, account: Account, old: Secret, new: Secret, at: Preimage) -> Written:
        written = self._trial.change(account, old, new, at=at)
        self._is_judged = True
        if written.outcome in _OLD_ONE_JUDGED or self._is_right(account, old):
            return written
        # AD says "locked" or "may not change it" whatever the old password is, so strangers must not see it.
        return replace(written, outcome=Outcome.WRONG_PASSWORD)

    def _is_right(self, account: Account, old: Secret) -> bool:
        return self._trial.bind(account, old) in RIGHT_PASSWORD

    def _refuse_too_young(self, account: Account, old: Secret) -> Answer | None:
        """Refuse a change before the minimum age; only a person with the right old password learns the time.

        No change is sent to AD, and nothing is counted against the person.
        """
        at = self._directory.changeable_at(account, by_reset=False)
        if not at:
            return None
        return refuse_too_young(self._directory, account, at) if self._is_right(account, old) else self._wrong

    def _refuse_own_name(self, account: Account, old: Secret, new: Secret) -> Written | None:
        """Refuse a new password that contains the person's name; first the old one must be proven.

        AD is asked about the old password only once. If it is wrong, or the bind can't tell, the change ends
        here.
        """
        if not may_break(account, new):
            return None
        if not self._is_right(account, old):
            return Written(outcome=Outcome.WRONG_PASSWORD)
        self._is_judged = True
        return refuse_unsent(self._directory, account, new)

    def _find_account(self, old: Secret) -> Account | Answer:
        """Return the account to change, or a refusal, which is always the same before the old one is proven.

        The directory is asked about made-up people too, so while it is away, everybody gets that answer.
        """
        account = self._trial.ask_for_all(self._read_live)
        if self._attempt.decoy or not is_usable(old):
            return self._refuse(self._wrong, **NOT_TRIED, decoy=self._attempt.decoy)
        if isinstance(account, Account):
            return self._wrong if self._trial.is_near_lockout(account) else account
        if account not in _TOLD_AFTER_PROOF:
            return self._refuse(self._wrong, **NOT_TRIED, verdict=account.value)
        return self._refuse(
            Answer(outcome=account) if self._is_proven(old) else self._wrong, verdict=account.value
        )

    def _read_live(self) -> Account | Outcome:
        """Read the account; if only this account can't be read, it looks like a made-up one."""
        self._site.make_judge(self._attempt.directory)
        try:
            return read_live_account(self._attempt, self._site)
        except DirectoryAway as fault:
            self._require_an_answer()
            if not self._attempt.decoy:
                self._trial.report_hidden_fault(Outcome.DIRECTORY_AWAY, str(fault))
            return Outcome.DIRECTORY_REFUSED

    def _require_an_answer(self) -> None:
        """Ask the directories about an account that nobody has, until one of them answers.

        If only some of them are away, this attempt looks as if the old password were wrong. A made-up person
        belongs to none of them, so another answer would tell real people from made-up ones.

        Raises:
            DirectoryAway: none of them answers; everybody gets that answer.
        """
        away: DirectoryAway | None = None
        for directory in self._site.directories.values():
            try:
                directory.read(_NOBODYS)
            except DirectoryAway as fault:
                away = fault
            else:
                return
        if away:
            raise away

    def _is_proven(self, old: Secret) -> bool:
        """Let AD judge the old password of an account whose password must not be changed."""
        account = self._directory.read(self._attempt.guid)
        return (
            account is not None and not self._trial.is_near_lockout(account) and self._is_right(account, old)
        )

    def _refuse(self, answer: Answer, **facts: str | bool) -> Answer:
        return record_answer(self._site, "write.refused", self._request, answer, **facts)
