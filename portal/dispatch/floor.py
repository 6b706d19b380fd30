"""Answers that could tell people apart do not leave before the floor; that it is too low is told."""

import logging
import time

TOLD_AGAIN = 600
"""Seconds from one warning to the next."""

logger = logging.getLogger(__name__)


class Floor:
    """Holds answers back, and warns once in a while of one that came too late to be held back."""

    def __init__(self) -> None:
        self._quiet_until = float("-inf")

    def hold(self, *, since: float, seconds: float) -> None:
        """Return no earlier than so many seconds after the beginning.

        Args:
            since: the beginning, by the monotonic clock.
            seconds: the floor; at 0 nothing is hidden, and nothing is told.
        """
        now = time.monotonic()
        left = since + seconds - now
        if left >= 0:
            time.sleep(left)
        elif seconds and now >= self._quiet_until:
            self._quiet_until = now + TOLD_AGAIN
            logger.warning(
                "an answer took %d ms: what takes longer than KEYBACK_FLOOR_MS (%d) can tell people apart. "
                "Raise it, or give the directory more power.",
                (now - since) * 1000,
                seconds * 1000,
            )
