"""What others may know of the workers."""

import time
from dataclasses import dataclass
from functools import cache
from threading import Lock

from django.conf import settings
from django.utils.module_loading import import_string

from portal.dispatch.broker import Broker
from portal.dispatch.keys import forget_portal_key, portal_key
from portal.dispatch.lights import Light, Lights, Place, WorkerState
from portal.dispatch.models import JobRecord, Site
from writeback.envelope.answers import DirectoryState, PolicyFacts
from writeback.envelope.jobs import reference_of

_SITES_FRESH = 1.0
_RULES_FRESH = 30.0


@dataclass(frozen=True, kw_only=True)
class WorkerHealth:
    """One worker for the admin; `light` is None where nothing believable was ever heard."""

    site: str
    worker: str
    state: WorkerState
    light: Light | None


@cache
def broker() -> Broker:
    """Return this process's post box."""
    made: Broker = import_string(settings.KEYBACK_BROKER)()
    return made


@cache
def lights() -> Lights:
    """Return what this process knows of the workers."""
    return Lights(broker())


def site_health() -> list[WorkerHealth]:
    """Return every worker of every enabled site, and how it is."""
    seen = {(light.place.site, light.place.worker): light for light in lights().look(_places())}
    return [
        WorkerHealth(
            site=place.site,
            worker=place.worker,
            state=light.state if light else WorkerState.DOWN,
            light=light,
        )
        for place in _places()
        for light in [seen.get((place.site, place.worker))]
    ]


def is_reachable(directory: str) -> bool:
    """Tell whether a worker lives that can reach the directory; to be asked before the first gate."""
    return portal_key() is not None and any(
        light.directory(directory) in (DirectoryState.UP, DirectoryState.DEGRADED)
        for light in lights().look(_places())
        if light.state is WorkerState.UP
    )


def workers_for(directory: str, *, fresh: bool = False) -> list[Light]:
    """Return the workers that can be asked about a directory, the one with the least to do first."""
    order = {DirectoryState.UP: 0, DirectoryState.DEGRADED: 1, DirectoryState.DOWN: 2}
    found = [
        (order[state], light.beat.oldest_job, light)
        for light in lights().look(_places(), fresh=fresh)
        for state in [light.directory(directory)]
        if light.state is WorkerState.UP and state is not None
    ]
    return [light for _, _, light in sorted(found, key=lambda entry: entry[:2])]


def latest_job(attempt: bytes) -> JobRecord | None:
    """Return the last write that was asked for in an attempt, or None.

    Args:
        attempt: the worker's id of the attempt, 16 bytes.
    """
    return JobRecord.objects.filter(reference=reference_of(attempt)).first()


class _Places:
    """The paired workers, read from the database at most once a second."""

    def __init__(self) -> None:
        self._places: list[Place] = []
        self._read_at = float("-inf")
        self._lock = Lock()

    def __call__(self) -> list[Place]:
        with self._lock:
            if time.monotonic() - self._read_at >= _SITES_FRESH:
                self._places = [
                    Place(site=site.name, worker=worker, key=site.key)
                    for site in Site.objects.filter(enabled=True)
                    for worker in site.workers
                ]
                self._read_at = time.monotonic()
            return self._places

    def forget(self) -> None:
        """Read again at the next call."""
        with self._lock:
            self._read_at = float("-inf")


_places = _Places()


class Remembered:
    """What the workers told of each directory's rules, so that not every stranger's look is a job."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[float, PolicyFacts | None]] = {}

    def get(self, directory: str) -> tuple[bool, PolicyFacts | None]:
        """Return whether something fresh is known, and what; None where no worker told."""
        until, facts = self._told.get(directory, (0.0, None))
        return time.monotonic() < until, facts

    def keep(self, directory: str, facts: PolicyFacts | None) -> None:
        """Remember it for half a minute; that nobody told, only for a moment."""
        self._told[directory] = time.monotonic() + (_RULES_FRESH if facts else _SITES_FRESH), facts

    def forget(self) -> None:
        """Ask again at the next call."""
        self._told.clear()


remembered = Remembered()


def forget() -> None:
    """Forget what this process remembers of keys, sites, workers, rules and the post box."""
    _places.forget()
    remembered.forget()
    forget_portal_key()
    broker.cache_clear()
    lights.cache_clear()
