"""The one post box in memory, and what a worker, or nobody, does with the jobs in it."""

import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from portal.dispatch.broker import BrokerAway
from tests.fakes.worker import FakeWorker


@dataclass
class MemoryBroker:
    """Fulfils portal.dispatch.broker.Broker.

    Args:
        on_send: what the worker does with a job: returns the elements of the reply list.
        away: heartbeats can't be read.
        on_read: is called before heartbeats are read.
        loses: sending fails; True if the job may have been sent all the same.
        loses_answers: nobody gets an answer, though they are there.
        holds: jobs wait until `deliver`, as when a worker hangs.
    """

    on_send: Callable[[str, bytes], list[bytes]] = lambda worker, sealed: []
    away: bool = False
    loses: bool | None = None
    loses_answers: bool = False
    holds: bool = False
    beats: dict[tuple[str, str], bytes] = field(default_factory=dict)
    sent: list[tuple[str, bytes]] = field(default_factory=list)
    held: list[tuple[str, bytes]] = field(default_factory=list)
    replies: dict[bytes, deque[bytes]] = field(default_factory=lambda: defaultdict(deque))
    reads: int = 0
    on_read: Callable[[], object] = lambda: None

    def connect(self, worker: FakeWorker) -> None:
        """Have this worker do every job, and set a heartbeat whenever they are read."""

        def do(_: str, sealed: bytes) -> list[bytes]:
            posted = worker.intake.take(sealed)
            return [posted.blob] if posted else []

        def beat() -> None:
            self.beats["main", "w1"] = worker.heartbeat()

        self.on_send, self.on_read, self.loses = do, beat, None

    def disconnect(self) -> None:
        """Have no worker, and nobody who takes a job."""
        self.on_read, self.loses = lambda: None, False
        self.beats.clear()

    def deliver(self) -> None:
        """Hand over what was held."""
        self.holds, held = False, self.held
        self.held = []
        for worker, sealed in held:
            self._hand_over(worker, sealed)

    def heartbeats(self, places: list[tuple[str, str]]) -> list[bytes | None]:
        self.reads += 1
        self.on_read()
        if self.away:
            raise BrokerAway(sent=False)
        return [self.beats.get(place) for place in places]

    def send(self, worker: str, sealed: bytes) -> None:
        if self.loses is not None:
            raise BrokerAway(sent=self.loses)
        self.sent.append((worker, sealed))
        if self.holds:
            self.held.append((worker, sealed))
        else:
            self._hand_over(worker, sealed)

    def wait(self, jti: bytes, seconds: float) -> bytes | None:
        if self.replies[jti] and not self.loses_answers:
            return self.replies[jti].popleft()
        time.sleep(min(seconds, 0.05))
        return None

    def _hand_over(self, worker: str, sealed: bytes) -> None:
        self.replies[sealed[26:42]].extend(self.on_send(worker, sealed))


BOX = f"{__name__}.the_box"
"""For the setting KEYBACK_BROKER."""


@cache
def the_box() -> MemoryBroker:
    """Return the post box of this process; `the_box.cache_clear()` puts a new one in its place."""
    return MemoryBroker()
