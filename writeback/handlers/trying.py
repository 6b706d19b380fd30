"""One try at an AD password, from reading AD's own count to recording the result."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import TypeVar

from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.jobs import Job
from writeback.envelope.secret import Secret
from writeback.handlers.common import RIGHT_PASSWORD, record_answer, wrong_password
from writeback.ports import (
    Account,
    Directory,
    DirectoryAway,
    Lockout,
    Owner,
    PasswordTry,
    Preimage,
    Request,
    Site,
    Written,
)

T = TypeVar("T")
_NOT_HEARD = frozenset({Outcome.DIRECTORY_AWAY, Outcome.DIRECTORY_REFUSED, Outcome.UNKNOWN})
_TAKEN_OR_REFUSED = frozenset({Outcome.DONE, Outcome.REFUSED_BY_POLICY})


@dataclass(kw_only=True)
class Trial:
    """A reserved try, with which at most one password is sent that could be wrong.

    Args:
        reserved: the try that the register has counted in advance.
        began: Unix time by this host's clock, just before the try was reserved.
    """

    request: Request[Job]
    site: Site
    reserved: PasswordTry
    began: float
    _may_count: bool = field(default=False, init=False)  # a password was sent, and AD's answer is not known
    _is_proven: bool = field(default=False, init=False)  # AD has accepted the password
    _asks_for_all: bool = field(default=False, init=False)

    def run(self, ask: Callable[[], Answer], *, counted: Collection[Outcome]) -> Answer:
        """Let `ask` make the try, and record the result.

        Only passwords of real people reach the directory. So until AD has accepted the password, a fault of
        the directory looks and counts like a wrong password; only the audit has the truth.

        Args:
            ask: makes the try with the methods below.
            counted: the outcomes that count as a wrong password.

        Raises:
            DirectoryAway: the fault affects made-up people too, or the password was right.
        """
        wrong = wrong_password(self.site)
        try:
            answer = ask()
        except DirectoryAway as fault:
            if self._asks_for_all or self._is_proven:
                self._settle(wrong=False)
                raise
            self.report_hidden_fault(Outcome.DIRECTORY_AWAY, str(fault))
            answer = wrong
        if answer.outcome in _NOT_HEARD and not self._is_proven:
            self.report_hidden_fault(answer.outcome, "")
            answer = wrong
        self._settle(wrong=answer.outcome in counted)
        return answer

    def ask_for_all(self, ask: Callable[[], T]) -> T:
        """Ask the directory something that it is asked about made-up people too, so a fault may be shown."""
        self._asks_for_all = True
        found = ask()
        self._asks_for_all = False
        return found

    def report_hidden_fault(self, outcome: Outcome, why: str) -> None:
        """Tell administrators of a fault of the directory that the browser must not learn of."""
        account = self.reserved.owner.guid.hex()
        record_answer(
            self.site, "password.not-judged", self.request, Answer(outcome=outcome), account=account, why=why
        )
        if outcome is Outcome.DIRECTORY_AWAY:
            self.site.note_unreadable(account)

    def is_near_lockout(self, account: Account) -> bool:
        """Tell whether a try could make AD lock the account, or the person has no try left; record it if so.

        The answer must look like a wrong password, since a made-up name meets neither; only the audit knows.
        """
        lockout = self._directory.lockout(account)
        is_safe_now = is_safe(lockout, open_tries=self.reserved.open_before)
        if account.locked or self.reserved.is_spent or not is_safe_now:
            record_answer(
                self.site, "password.not-tried", self.request, Answer(outcome=Outcome.SIGN_IN_CLOSED)
            )
            return True
        return False

    def bind(self, account: Account, password: Secret) -> Outcome:
        """Let AD judge a password; if its answer is lost, AD may still have counted the try."""
        self._require_time()
        self._may_count = True
        outcome = self._directory.check_password(account, password)
        self._may_count = False
        if outcome is Outcome.DIRECTORY_AWAY:
            self.report_hidden_fault(outcome, "The bind was not judged.")
        self._is_proven |= outcome in RIGHT_PASSWORD
        return outcome

    def change(self, account: Account, old: Secret, new: Secret, *, at: Preimage) -> Written:
        """Let AD judge the old password and set the new one.

        If the answer is lost, a password that was set since then shows that the old one was right.
        """
        self._require_time()
        written = self._directory.change_password(account, old, new, at=at)
        self._may_count = written.outcome is Outcome.UNKNOWN
        self._is_proven |= written.outcome in _TAKEN_OR_REFUSED or (
            self._may_count and self._is_set(at, account)
        )
        return written

    def _is_set(self, since: Preimage, account: Account) -> bool:
        try:
            return self._directory.pwd_last_set_on(since.dc, account.guid) not in (None, since.pwd_last_set)
        except DirectoryAway:
            return False

    def _settle(self, *, wrong: bool) -> None:
        self.site.register.settle_password(self.reserved, wrong=wrong, ended=not self._may_count)

    def _require_time(self) -> None:
        """Raise DirectoryAway if this try was held up until other workers stopped counting it as open.

        That happens if the machine was suspended.
        """
        if self.site.clock.now() >= self.began + self.reserved.life:
            raise DirectoryAway("The try was held up for too long, and no password was sent.")

    @property
    def _directory(self) -> Directory:
        return self.site.directories[self.reserved.owner.directory]


def reserve(request: Request[Job], site: Site, owner: Owner, *, typed: str) -> Trial | Answer:
    """Reserve a try at a person's password; an answer says why there is none.

    Args:
        request: the job that brings the password.
        site: the site that takes the try.
        owner: the person, or what stands for a name that nobody has.
        typed: hex of the bytes that stand for the typed name.
    """
    began = site.clock.now()
    reserved = site.register.reserve_password(owner, typed=typed)
    if isinstance(reserved, Answer):
        return reserved
    return Trial(request=request, site=site, reserved=reserved, began=began)


def is_safe(lockout: Lockout, *, open_tries: int) -> bool:
    """Tell whether an account stays below its threshold after one more wrong password.

    Args:
        lockout: AD's own count, read after the try was reserved.
        open_tries: how many other tries AD may still count.

    Source: MS-SAMR 3.1.5.14: the account is locked when the count reaches the threshold; 0 means never.
    """
    if not lockout.readable:
        return False
    return not lockout.threshold or lockout.bad_passwords + open_tries + 1 < lockout.threshold
