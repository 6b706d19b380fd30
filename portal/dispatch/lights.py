"""Which workers live, by their signed heartbeats; read at most once a second, and remembered."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from threading import Lock

from portal.dispatch.broker import Broker, BrokerAway
from writeback.envelope.answers import DirectoryState
from writeback.envelope.errors import EnvelopeError
from writeback.envelope.heartbeats import DOWN_AFTER, KEPT, Heartbeat, read_heartbeat
from writeback.envelope.keyring import Recipient, VerifyKey
from writeback.envelope.wire import SKEW

FRESH = 1.0


class WorkerState(StrEnum):
    """How a worker is, as far as its heartbeats tell."""

    UP = "up"
    CLOCK = "clock"  # alive, but its clock was wrong, or ours, when its newest heartbeat was taken
    DOWN = "down"


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a heartbeat is looked for, and whose signature it must bear."""

    site: str
    worker: str
    key: VerifyKey


@dataclass(frozen=True, kw_only=True)
class Light:
    """The newest believable heartbeat of one worker.

    Args:
        beat: what it said.
        to: its keys, parsed.
        grew: monotonic time at which a newer heartbeat was last seen; 0 if there has been only one.
        skewed: True if its time was off by more than the skew when it was published.
        state: as judged when it was last looked at.
    """

    place: Place
    beat: Heartbeat
    to: Recipient
    grew: float
    skewed: bool = False
    state: WorkerState = WorkerState.DOWN

    def directory(self, name: str) -> DirectoryState | None:
        """Return how the worker finds a directory; None if it does not serve it."""
        return next((light.state for light in self.beat.directories if light.directory == name), None)


class Lights:
    """All workers' lights.

    Args:
        broker: the post box.
        now, monotonic: the time.
    """

    def __init__(
        self,
        broker: Broker,
        *,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._broker, self._now, self._monotonic = broker, now, monotonic
        self._known: dict[tuple[str, str], Light] = {}
        self._raw: dict[tuple[str, str], bytes] = {}
        self._read_at = float("-inf")
        self._lock = Lock()

    def look(self, places: Iterable[Place], *, fresh: bool = False) -> list[Light]:
        """Return the lights of these workers.

        Args:
            places: the paired workers.
            fresh: True reads again although less than a second has passed.
        """
        wanted = {(place.site, place.worker): place for place in places}
        with self._lock:
            unknown = wanted.keys() - self._raw.keys()
            if fresh or unknown or self._monotonic() - self._read_at >= FRESH:
                self._read(wanted)
            known = [self._known[key] for key, place in wanted.items() if self._is_of(key, place)]
            return [replace(light, state=self._judge(light)) for light in known]

    def _is_of(self, key: tuple[str, str], place: Place) -> bool:
        return key in self._known and self._known[key].place == place

    def _read(self, wanted: dict[tuple[str, str], Place]) -> None:
        since = self._monotonic() - self._read_at
        try:
            found = self._broker.heartbeats(list(wanted))
        except BrokerAway:
            # Nobody waits for it again within the second: it may be one that hangs, and all wait for one.
            self._known.clear()
            self._raw = dict.fromkeys(wanted, b"")
            return
        finally:
            self._read_at = self._monotonic()
        for (key, place), blob in zip(wanted.items(), found, strict=True):
            if blob is None:
                self._known.pop(key, None)
            elif blob != self._raw.get(key) or not self._is_of(key, place):
                self._take(key, place, blob, since)
            self._raw[key] = blob or b""

    def _take(self, key: tuple[str, str], place: Place, blob: bytes, since: float) -> None:
        """Believe a heartbeat if its signature holds, it speaks of this worker, and its time has grown.

        A newer one than was there at the last look, `since` seconds ago, has lain there for less than that.
        """
        try:
            beat = read_heartbeat(blob, place.key)
            recipient = beat.recipient()
        except EnvelopeError:
            return
        old = self._known[key] if self._is_of(key, place) else None
        if (beat.site, beat.worker) != key or (old is not None and not self._follows(old, beat)):
            return
        grew = self._monotonic() if old is not None else 0.0
        age = self._now() - beat.time
        skewed = age < -SKEW or age > min(since, KEPT) + SKEW
        self._known[key] = Light(place=place, beat=beat, to=recipient, grew=grew, skewed=skewed)

    def _follows(self, old: Light, beat: Heartbeat) -> bool:
        """Tell whether a heartbeat is newer than the last, or comes from a clock that was set right."""
        latest = self._now() + SKEW
        return beat.time > old.beat.time or old.beat.time > latest >= beat.time

    def _judge(self, light: Light) -> WorkerState:
        if -SKEW <= self._now() - light.beat.time <= DOWN_AFTER:
            return WorkerState.UP
        if light.skewed and light.grew and self._monotonic() - light.grew <= DOWN_AFTER:
            return WorkerState.CLOCK
        return WorkerState.DOWN
