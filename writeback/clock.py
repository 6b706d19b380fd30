"""This machine's time."""

import time


class SystemClock:
    """Fulfils ports.Clock: this machine's."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()
