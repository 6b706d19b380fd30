"""This machine's clock."""

import time


class SystemClock:
    """Fulfils ports.Clock with this machine's clock."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()
