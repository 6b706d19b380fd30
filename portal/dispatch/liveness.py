"""Tells from signed heartbeats which workers live; they are read at most once a second.

A heartbeat may speak only of the directories and the state that pairing pinned to its site. Anything else in
it is ignored, logged once, and kept as a finding.
"""

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from threading import Lock

from portal.dispatch.broker import Broker, BrokerAway
from portal.dispatch.rules import Finding, Oddity, list_foreign
from writeback.envelope.answers import DirectoryState
from writeback.envelope.errors import EnvelopeError, Fault
from writeback.envelope.heartbeats import DOWN_AFTER, KEPT, Heartbeat, read_heartbeat
from writeback.envelope.keyring import Recipient, VerifyKey
from writeback.envelope.wire import SKEW

FRESH = 1.0

logger = logging.getLogger(__name__)


class WorkerState(StrEnum):
    """The state of a worker, according to its heartbeats."""

    UP = "up"
    CLOCK = "clock"  # alive, but when its newest heartbeat was read, its clock or ours was wrong
    DOWN = "down"


@dataclass(frozen=True, kw_only=True)
class Place:
    """A paired worker: where its heartbeat is, and what the heartbeat may say.

    Args:
        site: name of its site.
        worker: its name.
        key: the key that must have signed the heartbeat.
        directories: the directories that pairing pinned to the site.
        state: id of the state that pairing pinned to the site, 16 bytes; empty if none was pinned.
    """

    site: str
    worker: str
    key: VerifyKey
    directories: tuple[str, ...]
    state: bytes

    def finding(self, what: Oddity, detail: str) -> Finding:
        """Return a finding about this worker."""
        return Finding(site=self.site, worker=self.worker, what=what, detail=detail)


@dataclass(frozen=True, kw_only=True)
class KnownWorker:
    """The newest believable heartbeat of one worker.

    Args:
        place: the worker.
        beat: the heartbeat.
        to: the keys in it, parsed.
        grew: monotonic time at which a newer heartbeat was last seen; 0 if there has been only one.
        skewed: True if its time was off by more than SKEW when it was published.
        state: the worker's state when it was last judged.
    """

    place: Place
    beat: Heartbeat
    to: Recipient
    grew: float
    skewed: bool = False
    state: WorkerState = WorkerState.DOWN

    def directories(self) -> dict[str, DirectoryState]:
        """Return the states of the directories that the worker serves and may speak of."""
        pinned = self.place.directories
        return {each.directory: each.state for each in self.beat.directories if each.directory in pinned}

    def has_other_state(self) -> bool:
        """Tell whether the worker lives, but uses another state than the one that was paired."""
        return self.state is not WorkerState.DOWN and self.beat.state != self.place.state

    def findings(self) -> list[Finding]:
        """Return what the heartbeat says although it must not."""
        said = list_foreign([each.directory for each in self.beat.directories], self.place.directories)
        found = [self.place.finding(Oddity.FOREIGN_DIRECTORY, said)] if said else []
        if self.has_other_state():
            found.append(self.place.finding(Oddity.OTHER_STATE, self.beat.state.hex()[:32]))
        return found


class Liveness:
    """What this process knows of all workers.

    Args:
        broker: the post box.
        now, monotonic: clocks.

    Attributes:
        reads: how often this has tried to read the post box.
    """

    def __init__(
        self,
        broker: Broker,
        *,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._broker, self._now, self._monotonic = broker, now, monotonic
        self._known: dict[tuple[str, str], KnownWorker] = {}
        self._raw: dict[tuple[str, str], bytes] = {}
        self._weak: dict[tuple[str, str], Finding] = {}
        self._logged: frozenset[Finding] = frozenset()
        self.reads = 0
        self._read_at = float("-inf")
        self._lock = Lock()

    def look(self, places: Iterable[Place], *, fresh: bool = False) -> list[KnownWorker]:
        """Return those of the workers from which a believable heartbeat came.

        Args:
            places: the paired workers.
            fresh: True reads the heartbeats again even if less than a second has passed.
        """
        wanted = {(place.site, place.worker): place for place in places}
        with self._lock:
            unknown = wanted.keys() - self._raw.keys()
            if fresh or unknown or self._monotonic() - self._read_at >= FRESH:
                self._read(wanted)
            known = [self._known[key] for key, place in wanted.items() if self._is_of(key, place)]
            return [replace(worker, state=self._judge(worker)) for worker in known]

    def recall(self, places: Iterable[Place]) -> list[KnownWorker]:
        """Return what `look` would return, but from what was read last."""
        wanted = {(place.site, place.worker): place for place in places}
        with self._lock:
            known = [self._known[key] for key, place in wanted.items() if self._is_of(key, place)]
            return [replace(worker, state=self._judge(worker)) for worker in known]

    def findings(self) -> frozenset[Finding]:
        """Return what the heartbeats that were read last say although they must not."""
        with self._lock:
            judged = [replace(worker, state=self._judge(worker)) for worker in self._known.values()]
            found = frozenset(
                [*self._weak.values(), *(each for worker in judged for each in worker.findings())]
            )
            new, self._logged = found - self._logged, found
        for finding in sorted(new):
            logger.error("site %s, worker %s", finding.site, finding.line)
        return found

    def _is_of(self, key: tuple[str, str], place: Place) -> bool:
        return key in self._known and self._known[key].place == place

    def _read(self, wanted: dict[tuple[str, str], Place]) -> None:
        since = self._monotonic() - self._read_at
        self.reads += 1
        try:
            found = self._broker.heartbeats(list(wanted))
        except BrokerAway:
            # It may hang while all threads wait for this one, so the next try is a second away.
            self._known.clear()
            self._raw = dict.fromkeys(wanted, b"")
            return
        finally:
            self._read_at = self._monotonic()
        for (key, place), blob in zip(wanted.items(), found, strict=True):
            if not blob:  # it has expired, or the worker has removed it
                self._known.pop(key, None)
                self._weak.pop(key, None)
            elif blob != self._raw.get(key) or not self._is_of(key, place):
                self._take(key, place, blob, since)
            self._raw[key] = blob or b""

    def _take(self, key: tuple[str, str], place: Place, blob: bytes, since: float) -> None:
        """Believe a heartbeat if its signature holds, it is this worker's, and it is newer than the last one.

        The last read was `since` seconds ago. A heartbeat that was not there then is younger than that.
        """
        try:
            beat = read_heartbeat(blob, place.key)
        except EnvelopeError:
            return
        old = self._known[key] if self._is_of(key, place) else None
        if (beat.site, beat.worker) != key or (old is not None and not self._follows(old, beat)):
            return
        try:
            recipient = beat.recipient()
        except EnvelopeError as error:
            self._refuse_keys(key, place, error)
            return
        self._weak.pop(key, None)
        grew = self._monotonic() if old is not None else 0.0
        age = self._now() - beat.time
        skewed = age < -SKEW or age > min(since, KEPT) + SKEW
        self._known[key] = KnownWorker(place=place, beat=beat, to=recipient, grew=grew, skewed=skewed)

    def _refuse_keys(self, key: tuple[str, str], place: Place, error: EnvelopeError) -> None:
        """Stop using the worker: nothing may be sealed to the keys in its newest heartbeat."""
        named = error.key_id.hex() if error.fault is Fault.WEAK_KEY else error.fault.value
        self._known.pop(key, None)
        self._weak[key] = place.finding(Oddity.WEAK_KEY, named)

    def _follows(self, old: KnownWorker, beat: Heartbeat) -> bool:
        """Tell whether a heartbeat is newer than the last one, or from a clock that was corrected since."""
        latest = self._now() + SKEW
        return beat.time > old.beat.time or old.beat.time > latest >= beat.time

    def _judge(self, worker: KnownWorker) -> WorkerState:
        if -SKEW <= self._now() - worker.beat.time <= DOWN_AFTER:
            return WorkerState.UP
        if worker.skewed and worker.grew and self._monotonic() - worker.grew <= DOWN_AFTER:
            return WorkerState.CLOCK
        return WorkerState.DOWN
