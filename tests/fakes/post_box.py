"""A post box in memory, and a worker in it that says what the test wants."""

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from portal.dispatch.broker import BrokerAway


@dataclass
class MemoryBroker:
    """Fulfils portal.dispatch.broker.Broker.

    Args:
        on_send: what the worker does with a job: returns the elements of the reply list.
        away: heartbeats can't be read.
        on_read: is called while heartbeats are read.
        loses: sending fails; True if the job may have been sent all the same.
    """

    on_send: Callable[[str, bytes], list[bytes]] = lambda worker, sealed: []
    away: bool = False
    loses: bool | None = None
    beats: dict[tuple[str, str], bytes] = field(default_factory=dict)
    sent: list[tuple[str, bytes]] = field(default_factory=list)
    replies: dict[bytes, deque[bytes]] = field(default_factory=lambda: defaultdict(deque))
    reads: int = 0
    on_read: Callable[[], object] = lambda: None

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
        self.replies[sealed[26:42]].extend(self.on_send(worker, sealed))

    def wait(self, jti: bytes, seconds: float) -> bytes | None:
        return self.replies[jti].popleft() if self.replies[jti] else None
