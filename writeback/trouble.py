"""Handles trouble with Redis: logs it once, retries with a growing pause, and logs when it is over."""

import logging
import time
from collections.abc import Callable

from writeback.envelope.broker_faults import explain

FIRST_WAIT = 0.5
LONGEST_WAIT = 8.0
TOLD_AGAIN = 300.0
_STEP = 0.1
_LASTS = 2  # attempts in a row; the first may just be a lost connection, as in any failover

logger = logging.getLogger(__name__)


class Teller:
    """Logs the same sentence only once in five minutes.

    Args:
        about: what does not work during the trouble, such as "No jobs are taken".
        monotonic: returns the time.
    """

    def __init__(self, about: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._about, self._monotonic = about, monotonic
        self._told, self._told_at, self._since = "", 0.0, 0.0

    def log_failure(self, sentence: str) -> None:
        """Log why it failed."""
        now = self._monotonic()
        if not self._told:
            self._since = now
        if sentence != self._told or now - self._told_at >= TOLD_AGAIN:
            logger.warning("%s: %s.", self._about, sentence)
            self._told, self._told_at = sentence, now

    def log_success(self) -> None:
        """Log that it works again, if a failure was logged."""
        if self._told:
            logger.info("%s: over after %d s.", self._about, self._monotonic() - self._since)
        self._told = ""


class Trouble:
    """The failures that keep a worker from its queue, and how long it waits before a retry.

    Args:
        longest: the longest wait in seconds.
        mend: called before the next try if the queue has the wrong type, to remove it.
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
        self._teller.log_failure(str(fault))

    def reset(self) -> None:
        """Count from zero again, after Redis gave a valid answer about the queue."""
        if self._failures:
            self._failures, self._code = 0, ""
            self._teller.log_success()

    def lasts(self) -> bool:
        """Tell whether more than one try has failed, so that portals should send nothing here now."""
        return self._failures >= _LASTS

    def wait(self, may_go_on: Callable[[], None]) -> None:
        """Wait; each further failure makes it longer.

        Args:
            may_go_on: called ten times a second; an exception from it ends the wait.
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
