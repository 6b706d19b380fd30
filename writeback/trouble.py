"""Trouble with Redis: told once, waited for with a growing pause, and told again when it is over."""

import logging
import time
from collections.abc import Callable

from writeback.envelope.broker_faults import explain

FIRST_WAIT = 0.5
LONGEST_WAIT = 8.0
TOLD_AGAIN = 300.0
_STEP = 0.1
_LASTS = 2  # attempts in a row: the first is a connection lost, as in any failover

logger = logging.getLogger(__name__)


class Teller:
    """Logs the same sentence only once in five minutes.

    Args:
        about: what does not work meanwhile, such as "No jobs are taken".
        monotonic: the time.
    """

    def __init__(self, about: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._about, self._monotonic = about, monotonic
        self._told, self._told_at, self._since = "", 0.0, 0.0

    def failed(self, sentence: str) -> None:
        """Log why it does not work."""
        now = self._monotonic()
        if not self._told:
            self._since = now
        if sentence != self._told or now - self._told_at >= TOLD_AGAIN:
            logger.warning("%s: %s.", self._about, sentence)
            self._told, self._told_at = sentence, now

    def worked(self) -> None:
        """Log that it works again, if it was told that it did not."""
        if self._told:
            logger.info("%s: over after %d s.", self._about, self._monotonic() - self._since)
        self._told = ""


class Trouble:
    """What keeps a worker from its queue, and how long it waits before it tries again.

    Args:
        longest: seconds that it waits at most.
        mend: is called before the next try where the queue is of a wrong type, and removes it.
    """

    def __init__(self, *, longest: float = LONGEST_WAIT, mend: Callable[[], None] = lambda: None) -> None:
        self._longest, self._mend = longest, mend
        self._teller = Teller("No jobs are taken from Redis")
        self._failures = 0
        self._code = ""

    def note(self, error: BaseException) -> None:
        """Count a failure, and log it."""
        fault = explain(error)
        self._failures, self._code = self._failures + 1, fault.code
        self._teller.failed(str(fault))

    def over(self) -> None:
        """Count from zero: the queue was looked at, and the answer was one."""
        if self._failures:
            self._failures, self._code = 0, ""
            self._teller.worked()

    def lasts(self) -> bool:
        """Tell whether more than one try has failed, so that nobody should be sent here now."""
        return self._failures >= _LASTS

    def wait(self, may_go_on: Callable[[], None]) -> None:
        """Wait as long as the failures so far ask for.

        Args:
            may_go_on: is called ten times a second; what it raises ends the wait.
        """
        until = time.monotonic() + self._pause()
        while (left := until - time.monotonic()) > 0:
            may_go_on()
            time.sleep(min(_STEP, left))
        if self._code == "WRONGTYPE":
            self._mend()

    def _pause(self) -> float:
        if not self._failures:
            return 0.0
        return float(min(self._longest, FIRST_WAIT * 2 ** min(self._failures - 1, 10)))
