"""Which controllers are not asked for a while because they refused the service account.

Each refused bind may count as a wrong password (MS-SAMR 3.1.5.14), so a password that is wrong is tried so
rarely that the account is not locked by it. But one controller that has not heard of the new password yet
must not stop the others: it rests alone, until a second one says the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from writeback.directory.refusals import ANY
from writeback.directory.sentences import Remark

WRONG_PASSWORD = 0x52E
"""AD's code for a wrong name or password (MS-ERREF 2.2, ERROR_LOGON_FAILURE)."""
LONG_REST = 900
"""Seconds without a try after a wrong password: tries would lock the service account."""
SHORT_REST = 45
"""The same after any other refusal (disabled, locked, expired …), which counts no try."""
AGREED = 2
"""Controllers that must refuse the account before no other one is asked."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """What one controller said to the service account.

    Args:
        until: time.monotonic until which it is not asked again.
        problem: what administrators are told.
    """

    until: float
    problem: Remark


class Rests:
    """Keeps each controller's last refusal until it lets the account in again.

    Args:
        hosts: how many controllers there are.
    """

    def __init__(self, hosts: int) -> None:
        self._enough = min(AGREED, hosts)
        self._refused: Mapping[str, Refusal] = {}

    def doubtful(self) -> bool:
        """Tell whether any controller has refused the account, and not let it in since."""
        return bool(self._refused)

    def refused(self, host: str, *, code: int, problem: Remark, now: float) -> None:
        """Note a refusal.

        Args:
            host: name of the controller.
            code: AD's own; ANY where there was none, which could be a wrong password.
            problem: what administrators are told.
            now: time.monotonic.
        """
        rest = LONG_REST if code in (WRONG_PASSWORD, ANY) else SHORT_REST
        self._refused = {**self._refused, host: Refusal(until=now + rest, problem=problem)}

    def let_in(self, host: str) -> None:
        """Note that a controller took the account."""
        self._refused = {name: refusal for name, refusal in self._refused.items() if name != host}

    def is_resting(self, host: str, *, now: float) -> bool:
        """Tell whether a controller refused the account a moment ago."""
        refusal = self._refused.get(host)
        return refusal is not None and now < refusal.until

    def why_not(self, host: str, *, now: float) -> Remark | None:
        """Return why the account must not be tried on a controller now; None if it may be.

        Once enough have refused, all wait; when the last rest is over, one controller is tried.
        """
        refused = self._refused  # other threads put another mapping in its place
        refusals = refused.values()
        if len(refusals) >= self._enough and any(now < refusal.until for refusal in refusals):
            says = " and ".join(dict.fromkeys(refusal.problem.says for refusal in refusals))
            return Remark(says, next(refusal.problem.mend for refusal in refusals))
        one = refused.get(host)
        return one.problem if one is not None and now < one.until else None
