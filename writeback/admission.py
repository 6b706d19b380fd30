"""Limits how many jobs this process takes, and returns the age of the oldest unanswered one."""

import math
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Lock

from writeback.ceiling import Rate


class Admission:
    """Counts jobs in this process, before the journal is written.

    Args:
        rates: the limits, which must all hold.
        now: Unix time in seconds.
    """

    def __init__(self, rates: Sequence[Rate], now: Callable[[], float]) -> None:
        self._rates = tuple(rates)
        self._now = now
        self._taken: deque[float] = deque(maxlen=max((rate.count for rate in rates), default=1))
        self._at_work: dict[object, int] = {}
        self._lock = Lock()

    def wait(self) -> int:
        """Take one job and return 0, or return the seconds until the next one may be taken."""
        with self._lock:
            now = self._now()
            wait = max((self._wait_for(rate, now) for rate in self._rates), default=0)
            if not wait:
                self._taken.append(now)
            return wait

    def _wait_for(self, rate: Rate, now: float) -> int:
        if len(self._taken) < rate.count:
            return 0
        free = self._taken[-rate.count] + rate.seconds - now
        # If the clock was set back, the wait must still be no longer than the rate's window.
        return min(math.ceil(free), rate.seconds) if free > 0 else 0

    @contextmanager
    def count_unanswered(self, issued: int) -> Iterator[None]:
        """Count a job as unanswered during the block, for the heartbeat."""
        ticket = object()
        with self._lock:
            self._at_work[ticket] = issued
        try:
            yield
        finally:
            with self._lock:
                del self._at_work[ticket]

    def oldest(self) -> int:
        """Return the age in whole seconds of the oldest unanswered job; 0 if there is none."""
        with self._lock:
            oldest = min(self._at_work.values(), default=None)
        return 0 if oldest is None else max(0, int(self._now() - oldest))
