"""The worker's own timer: a signed heartbeat every 30 seconds, fresh keys, and small chores.

A worker without heartbeats is useless: if this thread ends, the process is asked to end too.
"""

import itertools
import logging
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from threading import Event, Lock, Thread

from writeback.envelope.answers import DirectoryState
from writeback.envelope.heartbeats import EVERY, CourierStatus, DirectoryStatus, Heartbeat, sign_heartbeat
from writeback.envelope.keyring import Keyring
from writeback.envelope.wire import SKEW
from writeback.handlers.health import OFF_BY, clock_trouble, health_of
from writeback.ports import Site, StateAway
from writeback.state import Switch
from writeback.trouble import Teller
from writeback.vault import Vault, VaultError

_PROBE_SECONDS = 5
_SETS = 3  # times that each heartbeat is set
_DOWN = DirectoryState.DOWN
_RECORDS = "state-and-audit"
_CLOCK = "clock"
_QUEUE = "queue"
_VERSION = "state-version"
_ON_CALL = "on-call"

logger = logging.getLogger(__name__)


class LiveKeys:
    """The current keyring, which all threads share.

    Args:
        vault: the key files.

    Attributes:
        switch: the site's switch, as soon as the state is open.

    Raises:
        VaultError: the key files can't be read.
    """

    switch: Switch | None = None

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self.current = vault.keyring()

    def refresh(self) -> None:
        """Read the key files again; after an error the site counts as switched off until it succeeds."""
        try:
            self._heed_switch()
            self.current = self._vault.keyring()
        except (VaultError, OSError) as error:
            logger.error("keys: %s", error)  # noqa: TRY400  # the sentence says it all
            old = self.current
            self.current = Keyring(identity=old.identity, portal=None, prekeys=old.prekeys, rsas=old.rsas)

    def sign(self, label: bytes, data: bytes) -> bytes:
        """Return the signature of W-id over label ‖ data, 64 bytes."""
        return self.current.identity.sign(label, data)

    def _heed_switch(self) -> None:
        """Forget the portal's key if another host has switched off the site or paired it again."""
        portal = self._vault.portal()
        try:
            if self.switch is None or portal is None or self.switch.trusts(portal):
                return
        except StateAway:
            return  # without the state, no job is done anyway
        logger.warning("The site no longer trusts the portal of this host: its key was removed.")
        self._vault.forget_portal(portal)


class Probes:
    """Checks the health of directories and couriers, and waits five seconds at most if one hangs.

    Args:
        site: the site that they belong to.
        is_writable: tells whether state and audit can be written. If not, nobody can be served: every
            directory counts as down, so that portals close before people type.
        takes_jobs: tells whether jobs can be taken from the queue; if not, the same applies.
        knows_state: tells whether the state has the version that this worker knows; if not, the same applies.
    """

    def __init__(
        self,
        site: Site,
        is_writable: Callable[[], bool],
        takes_jobs: Callable[[], bool] = lambda: True,
        knows_state: Callable[[], bool] = lambda: True,
    ) -> None:
        self._site, self._is_writable, self._takes_jobs = site, is_writable, takes_jobs
        self._knows_state = knows_state
        self._directories: Mapping[str, Callable[[], DirectoryState]] = {
            name: _state_of(site, name) for name in site.directories
        }
        self._couriers: Mapping[str, Callable[[], bool]] = {
            courier.channel.value: courier.is_up for courier in site.couriers
        }
        self._pool = ThreadPoolExecutor(len(self._directories) + len(self._couriers) + 2, "probe")
        self._asked: dict[str, Future[DirectoryState | bool]] = {}

    def ask(self) -> tuple[tuple[DirectoryStatus, ...], tuple[CourierStatus, ...]]:
        """Return the health of all; one that does not answer within five seconds is down."""
        probes: dict[str, Callable[[], DirectoryState | bool]] = {
            **{f"d:{name}": probe for name, probe in self._directories.items()},
            **{f"c:{name}": probe for name, probe in self._couriers.items()},
            _RECORDS: self._is_writable,
            _VERSION: self._knows_state,
        }
        for key, probe in probes.items():
            if key not in self._asked or self._asked[key].done():
                self._asked[key] = self._pool.submit(probe)
        wait(self._asked.values(), timeout=_PROBE_SECONDS)
        told = {
            key: future.result()
            for key, future in self._asked.items()
            if future.done() and future.exception() is None
        }
        if told.get(_VERSION) is False:
            return self._report_all_down(_VERSION)
        if told.get(_RECORDS) is False:
            logger.error("The state or the audit can't be written: nobody can be served.")
            return self._report_all_down(_RECORDS)
        if not self._takes_jobs():
            return self._report_all_down(_QUEUE)
        couriers = (CourierStatus(courier=name, up=told.get(f"c:{name}") is True) for name in self._couriers)
        return (
            tuple(
                DirectoryStatus(directory=name, state=state if isinstance(state, DirectoryState) else _DOWN)
                for name in self._directories
                for state in [told.get(f"d:{name}")]
            ),
            (*couriers, *self._clock(), *self._on_call()),
        )

    def _report_all_down(self, why: str) -> tuple[tuple[DirectoryStatus, ...], tuple[CourierStatus, ...]]:
        return (
            tuple(DirectoryStatus(directory=name, state=_DOWN) for name in self._directories),
            (CourierStatus(courier=why, up=False),),
        )

    def _clock(self) -> tuple[CourierStatus, ...]:
        """Return a status that names the clock if it is off, which makes the directories degraded or down."""
        off = self._site.clock_is_off()
        if abs(off) <= OFF_BY:
            return ()
        logger.error("%s", clock_trouble(off))
        return (CourierStatus(courier=_CLOCK, up=False),)

    def _on_call(self) -> tuple[CourierStatus, ...]:
        """Return a status that says that nobody is on call, so that no alarm would be mailed."""
        return () if self._site.notices.on_call else (CourierStatus(courier=_ON_CALL, up=False),)

    def close(self) -> None:
        """Stop probing."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _state_of(site: Site, name: str) -> Callable[[], DirectoryState]:
    return lambda: health_of(site, name).state


@dataclass
class Pulse:
    """Sets a heartbeat every 30 seconds, the first one when it is started.

    Args:
        name: the site's name.
        oldest_job: returns the age in seconds of the oldest unanswered job.
        publish: sets a signed heartbeat in the post box, or removes it if given b""; may raise OSError.
        is_writable: tells whether state and audit can be written.
        takes_jobs: tells whether jobs can be taken from the queue.
        knows_state: tells whether the state has the version that this worker knows.
        chores: other work for each beat, done beside it: slow chores delay no beat.
        lives: called several times for each beat.
    """

    name: str
    site: Site
    keys: LiveKeys
    oldest_job: Callable[[], int]
    publish: Callable[[bytes], None]
    is_writable: Callable[[], bool] = lambda: True
    takes_jobs: Callable[[], bool] = lambda: True
    knows_state: Callable[[], bool] = lambda: True
    chores: Sequence[Callable[[], None]] = ()
    lives: Callable[[], None] = lambda: None
    every: float = EVERY
    _stop: Event = field(default_factory=Event, init=False)
    _thread: Thread | None = field(default=None, init=False)
    _last: int = field(default=0, init=False)
    _blob: bytes = field(default=b"", init=False)
    _is_well: bool = field(default=True, init=False)  # else directories are probed with each setting
    _publishing: Lock = field(default_factory=Lock, init=False)
    _teller: Teller = field(default_factory=lambda: Teller("No heartbeat can be set in Redis"), init=False)
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "chore"), init=False)
    _chores: list[Future[None]] = field(default_factory=list, init=False)

    def start(self) -> None:
        """Beat once, then go on in a thread."""
        probes = Probes(self.site, self.is_writable, self.takes_jobs, self.knows_state)
        self._beat(probes)
        self._thread = Thread(target=self._run, args=(probes,), name="pulse", daemon=True)
        self._thread.start()

    def leave(self) -> None:
        """Stop beating and remove the heartbeat, so that portals send nothing more.

        Returns at once, because a signal handler calls it.
        """
        self._stop.set()
        Thread(target=self._take_back, name="leave", daemon=True).start()

    def stop(self) -> None:
        """Stop beating and remove the heartbeat."""
        self._stop.set()
        self._take_back()
        if self._thread is not None:
            self._thread.join()

    def _run(self, probes: Probes) -> None:
        try:
            for tick in itertools.count(1):
                if self._stop.wait(self.every / _SETS):
                    return
                if tick % _SETS and self._is_well:
                    self._set()
                else:
                    self._beat(probes)
                self.lives()
        finally:
            probes.close()
            self._pool.shutdown(wait=False, cancel_futures=True)
            if not self._stop.is_set():
                os.kill(os.getpid(), signal.SIGTERM)

    def _beat(self, probes: Probes) -> None:
        self.keys.refresh()
        keys = self.keys.current
        self._do_chores()
        if keys.portal is None:
            self._take_back()
            return
        directories, couriers = probes.ask()
        self._is_well = all(each.state is not _DOWN for each in directories)
        recipient = keys.recipient()
        # The time is also the sequence: it grows even if the clock stands still or was set back a little.
        now = int(self.site.clock.now())
        self._last = now if self._last > now + SKEW else max(now, self._last + 1)
        beat = Heartbeat(
            worker=self.site.worker,
            time=self._last,
            prekey=recipient.prekey,
            rsa=recipient.rsa,
            site=self.name,
            directories=directories,
            oldest_job=self.oldest_job(),
            couriers=couriers,
            ceiling_hash=self.site.ceiling_hash,
            version=self.site.version,
            state=self.site.state_id,
        )
        self._set(sign_heartbeat(beat, keys.identity))

    def _take_back(self) -> None:
        """Remove the heartbeat, so that portals know at once, and not in a minute, to send nothing more."""
        try:
            with self._publishing:
                announced, self._blob = self._blob, b""
                if announced:
                    self.publish(b"")
        except OSError as error:
            logger.warning("heartbeat not removed: %s", error)

    def _set(self, new: bytes = b"") -> None:
        """Set a new heartbeat, or the last one again, so that a Redis that restarted empty has it soon."""
        try:
            with self._publishing:
                if self._stop.is_set():
                    return
                self._blob = new or self._blob
                if self._blob:
                    self.publish(self._blob)
                    self._teller.log_success()
        except OSError as error:
            self._teller.log_failure(str(error))

    def _do_chores(self) -> None:
        if not all(chore.done() for chore in self._chores):
            return
        for error in filter(None, (chore.exception() for chore in self._chores)):
            logger.error("a chore failed: %s", type(error).__name__)
        self._chores = [self._pool.submit(chore) for chore in self.chores]
