"""One try at an AD password, from the look at AD's own count to what came of it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.jobs import Job
from writeback.envelope.secret import Secret
from writeback.handlers.common import told
from writeback.ports import (
    Account,
    Directory,
    DirectoryAway,
    Lockout,
    PasswordTry,
    Preimage,
    Request,
    Site,
    Written,
)


@dataclass(kw_only=True)
class Trial:
    """A try that was reserved; at most one password is sent with it that could be wrong.

    Args:
        reserved: what the register has counted in advance.
        began: Unix time by this host's clock at which that was asked for.
    """

    request: Request[Job]
    site: Site
    reserved: PasswordTry
    began: float
    _may_count: bool = field(default=False, init=False)  # sent, and AD's answer is not known

    def run(self, ask: Callable[[], Answer], *, counted: Collection[Outcome]) -> Answer:
        """Let `ask` make the try, and keep what came of it.

        Args:
            ask: uses the methods below.
            counted: the outcomes that count as a wrong password.
        """
        try:
            answer = ask()
        except DirectoryAway:
            self._settle(wrong=False)
            raise
        self._settle(wrong=answer.outcome in counted)
        return answer

    def near_lockout(self, account: Account) -> bool:
        """Tell whether a try could bring AD to lock the account, or is one more than the person has.

        It has to read like a wrong password, as a stranger gets none of these; only the audit tells.
        """
        lockout = self._directory.lockout(account)
        is_safe_now = is_safe(lockout, open_tries=self.reserved.open_before)
        if account.locked or self.reserved.is_spent or not is_safe_now:
            told(self.site, "password.not-tried", self.request, Answer(outcome=Outcome.SIGN_IN_CLOSED))
            return True
        return False

    def bind(self, account: Account, password: Secret) -> Outcome:
        """Let AD judge a password; where its answer is lost, it may have counted the try."""
        self._need_time()
        self._may_count = True
        outcome = self._directory.check_password(account, password)
        self._may_count = False
        return outcome

    def change(self, account: Account, old: Secret, new: Secret, *, at: Preimage) -> Written:
        """Let AD judge the old password and take the new one."""
        self._need_time()
        written = self._directory.change_password(account, old, new, at=at)
        self._may_count = written.outcome is Outcome.UNKNOWN
        return written

    def _settle(self, *, wrong: bool) -> None:
        self.site.register.settle_password(self.reserved, wrong=wrong, ended=not self._may_count)

    def _need_time(self) -> None:
        """Send nothing when other workers may not count this try any more (a machine that was at rest)."""
        if self.site.clock.now() >= self.began + self.reserved.life:
            raise DirectoryAway("The try was held up for too long, and no password was sent.")

    @property
    def _directory(self) -> Directory:
        return self.site.directories[self.reserved.directory]


def reserve(request: Request[Job], site: Site, directory: str, guid: bytes, *, typed: str) -> Trial | Answer:
    """Reserve a try at a person's password; an answer says why there is none.

    Args:
        request: that brings the password.
        site: where it is typed.
        directory: of the person.
        guid: the person's; or the 16 bytes that stand for a name that nobody has.
        typed: what stands for the typed name, as hex.
    """
    began = site.clock.now()
    reserved = site.register.reserve_password(directory, guid, typed=typed)
    if isinstance(reserved, Answer):
        return reserved
    return Trial(request=request, site=site, reserved=reserved, began=began)


def is_safe(lockout: Lockout, *, open_tries: int) -> bool:
    """Tell whether one more wrong password leaves an account below its threshold.

    Args:
        lockout: AD's own count, read after the try was reserved.
        open_tries: others that AD may count, too, and may not have counted yet.

    Source: MS-SAMR 3.1.5.14: the account is locked when the count reaches the threshold; 0 is never.
    """
    if not lockout.readable:
        return False
    return not lockout.threshold or lockout.bad_passwords + open_tries + 1 < lockout.threshold
