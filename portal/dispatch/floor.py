"""Holds back answers whose timing could tell people apart, and warns if the floor is too low for that."""

import logging
import time

WARN_EVERY = 600
"""Seconds from one warning to the next."""

logger = logging.getLogger(__name__)


class Floor:
    """Holds answers back, and warns from time to time of answers that took longer than the floor."""

    def __init__(self) -> None:
        self._quiet_until = float("-inf")

    def hold(self, *, since: float, seconds: float) -> None:
        """Wait until `seconds` have passed since the beginning.

        Args:
            since: the beginning, by the monotonic clock.
            seconds: the floor; 0 holds nothing back and warns of nothing.
        """
        now = time.monotonic()
        left = since + seconds - now
        if left >= 0:
            time.sleep(left)
        elif seconds and now >= self._quiet_until:
            self._quiet_until = now + WARN_EVERY
            logger.warning(
                "an answer took %d ms: what takes longer than KEYBACK_FLOOR_MS (%d) can tell people apart. "
                "Raise it, or give the directory more power.",
                (now - since) * 1000,
                seconds * 1000,
            )
