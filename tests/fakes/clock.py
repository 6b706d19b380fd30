"""Clocks that a test moves."""

import time


class FakeClock:
    """Fulfils ports.Clock; it stands still until a test moves it."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self._now = now

    def now(self) -> float:
        return self._now

    def monotonic(self) -> float:
        return self._now

    def move(self, seconds: float) -> None:
        self._now += seconds


class WallClock(FakeClock):
    """This machine's clock, moved by a test; it starts half a minute before an app's code changes."""

    def __init__(self) -> None:
        super().__init__(30 - time.time() % 30)

    def now(self) -> float:
        return time.time() + self._now

    def monotonic(self) -> float:
        return time.monotonic()
