"""Which controllers are not asked for a while because they refused the service account.

Each refused bind may count as a wrong password (MS-SAMR 3.1.5.14). After one, the controller is left alone
for so long that the account is not locked. A controller may refuse only because it doesn't have the new
password yet, so the others are still asked, until a second one refuses too.
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
"""The same after any other refusal (disabled, locked, expired …), which doesn't count as a try."""
AGREED = 2
"""After this many controllers have refused the account, no other one is asked."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """One controller's refusal of the service account.

    Args:
        until: time.monotonic until which the controller is not asked again.
        problem: the message for administrators.
    """

    until: float
    problem: Remark


class Rests:
    """Keeps each controller's last refusal until it accepts the account again.

    Args:
        hosts: how many controllers there are.
    """

    def __init__(self, hosts: int) -> None:
        self._enough = min(AGREED, hosts)
        self._refused: Mapping[str, Refusal] = {}

    def doubtful(self) -> bool:
        """Tell whether any controller has refused the account and not accepted it since."""
        return bool(self._refused)

    def note_refusal(self, host: str, *, code: int, problem: Remark, now: float) -> None:
        """Note a refusal.

        Args:
            host: name of the controller.
            code: AD's own code; ANY if there was none, which could mean a wrong password.
            problem: the message for administrators.
            now: time.monotonic.
        """
        rest = LONG_REST if code in (WRONG_PASSWORD, ANY) else SHORT_REST
        self._refused = {**self._refused, host: Refusal(until=now + rest, problem=problem)}

    def note_success(self, host: str) -> None:
        """Note that a controller accepted the account."""
        self._refused = {name: refusal for name, refusal in self._refused.items() if name != host}

    def is_resting(self, host: str, *, now: float) -> bool:
        """Tell whether a controller refused the account a moment ago."""
        refusal = self._refused.get(host)
        return refusal is not None and now < refusal.until

    def why_not(self, host: str, *, now: float) -> Remark | None:
        """Return why the account must not be tried on a controller now; None if it may.

        Once enough controllers have refused, all wait; when the last rest is over, one is tried.
        """
        refused = self._refused  # other threads put another mapping in its place
        refusals = refused.values()
        if len(refusals) >= self._enough and any(now < refusal.until for refusal in refusals):
            says = " and ".join(dict.fromkeys(refusal.problem.says for refusal in refusals))
            return Remark(says, next(refusal.problem.mend for refusal in refusals))
        one = refused.get(host)
        return one.problem if one is not None and now < one.until else None
