"""What others may know of the workers."""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from threading import Lock

from django.conf import settings
from django.utils.module_loading import import_string

from portal.dispatch.broker import Broker
from portal.dispatch.keys import forget_portal_key, portal_key
from portal.dispatch.liveness import KnownWorker, Liveness, Place, WorkerState
from portal.dispatch.models import JobRecord, Site
from portal.dispatch.rules import Excess, Finding, Served, find_excess, who_is_in_the_way
from writeback.envelope.answers import DirectoryState, PolicyFacts
from writeback.envelope.jobs import reference_of

logger = logging.getLogger(__name__)

_SITES_FRESH = 1.0
_RULES_FRESH = 30.0
_SILENT = 60.0


@dataclass(frozen=True, kw_only=True)
class WorkerHealth:
    """One worker for the admin; `known` is None where nothing believable was ever heard."""

    site: str
    worker: str
    state: WorkerState
    known: KnownWorker | None
    findings: tuple[Finding, ...] = ()


@cache
def broker() -> Broker:
    """Return this process's post box."""
    made: Broker = import_string(settings.KEYBACK_BROKER)()
    return made


@cache
def liveness() -> Liveness:
    """Return what this process knows of the workers."""
    return Liveness(broker())


def site_health(*, fresh: bool = True) -> list[WorkerHealth]:
    """Return every worker of every enabled site, and how it is.

    Args:
        fresh: False takes what was read last, however long ago.
    """
    read = liveness().look if fresh else liveness().last
    seen = {(worker.place.site, worker.place.worker): worker for worker in read(_places())}
    found = sorted(liveness().findings())
    return [
        WorkerHealth(
            site=place.site,
            worker=place.worker,
            state=known.state if known else WorkerState.DOWN,
            known=known,
            findings=tuple(each for each in found if (each.site, each.worker) == (place.site, place.worker)),
        )
        for place in _places()
        for known in [seen.get((place.site, place.worker))]
    ]


def is_reachable(directory: str) -> bool:
    """Tell whether a worker lives that can reach the directory; to be asked before the first gate."""
    return portal_key() is not None and any(
        worker.directory(directory) in (DirectoryState.UP, DirectoryState.DEGRADED)
        for worker in _usable_workers()
        if worker.state is WorkerState.UP
    )


def has_live_worker() -> bool:
    """Tell whether any worker of the paired site lives, whatever it says of its directory."""
    return portal_key() is not None and any(worker.state is WorkerState.UP for worker in _usable_workers())


def workers_for(directory: str, *, fresh: bool = False) -> list[KnownWorker]:
    """Return the workers that can be asked about a directory, the one with the least to do first.

    Those that did not answer lately come last.
    """
    order = {DirectoryState.UP: 0, DirectoryState.DEGRADED: 1, DirectoryState.DOWN: 2}
    found = [
        (silences.has(worker.place), order[state], worker.beat.oldest_job, worker)
        for worker in _usable_workers(fresh=fresh)
        for state in [worker.directory(directory)]
        if worker.state is WorkerState.UP and state is not None
    ]
    return [worker for *_, worker in sorted(found, key=lambda entry: entry[:3])]


def excess() -> Excess | None:
    """Say why no site is used, where several sites or directories are paired and switched on."""
    return find_excess(_served(Site.objects.filter(enabled=True)))


def pinned_directories() -> list[str]:
    """Return the directories that people can be looked up in: none or one."""
    served = _served(Site.objects.filter(enabled=True))
    return (
        [] if find_excess(served) else [name for site in served for name in dict.fromkeys(site.directories)]
    )


def state_of(directory: str) -> bytes | None:
    """Return the id of the state that was pinned to a directory's site; None where there is no such site."""
    return next((place.state for place in _places() if directory in place.directories), None)


def others_than(name: str) -> list[Served]:
    """Return the paired sites of other names."""
    return _served(Site.objects.exclude(name=name))


def in_the_way_of(site: Site) -> str:
    """Return the name of the site because of which this one can't be switched on; empty if there is none.

    It is its own where it has several directories.
    """
    others = Site.objects.filter(enabled=True).exclude(pk=site.pk)
    return who_is_in_the_way(_served([site])[0], _served(others))


def _served(sites: Iterable[Site]) -> list[Served]:
    return [Served(site=site.name, directories=tuple(site.directories)) for site in sites]


def _usable_workers(*, fresh: bool = False) -> list[KnownWorker]:
    """Return the workers of sites whose living workers all use the state that pairing pinned."""
    seen = liveness().look(_places(), fresh=fresh)
    split = {worker.place.site for worker in seen if worker.has_other_state()}
    return [worker for worker in seen if worker.place.site not in split]


def latest_job(attempt: bytes) -> JobRecord | None:
    """Return the last write that was asked for in an attempt, or None.

    Args:
        attempt: the worker's id of the attempt, 16 bytes.
    """
    return JobRecord.objects.filter(reference=reference_of(attempt)).first()


class _Places:
    """The paired workers, read from the database at most once a second; none where sites are too many."""

    def __init__(self) -> None:
        self._places: list[Place] = []
        self._read_at = float("-inf")
        self._excess: Excess | None = None
        self._lock = Lock()

    def __call__(self) -> list[Place]:
        with self._lock:
            if time.monotonic() - self._read_at >= _SITES_FRESH:
                self._places = self._read()
                self._read_at = time.monotonic()
            return self._places

    def _read(self) -> list[Place]:
        sites = list(Site.objects.filter(enabled=True))
        found = find_excess(_served(sites))
        if found and found is not self._excess:
            logger.error("More than one of the %s is switched on: none is used. See: manage.py check.", found)
        self._excess = found
        return [] if found else [place for site in sites for place in _places_of(site)]

    def forget(self) -> None:
        """Read again at the next call."""
        with self._lock:
            self._read_at = float("-inf")


def _places_of(site: Site) -> list[Place]:
    return [
        Place(
            site=site.name,
            worker=worker,
            key=site.key,
            directories=tuple(site.directories),
            state=bytes.fromhex(site.state),
        )
        for worker in site.workers
    ]


_places = _Places()


class Silences:
    """Which workers did not answer lately, as far as this process has seen."""

    def __init__(self) -> None:
        self._until: dict[tuple[str, str], float] = {}

    def note(self, place: Place, *, silent: bool) -> None:
        """Remember for a minute that a worker did not answer; forget it when it does."""
        key = (place.site, place.worker)
        if silent:
            self._until[key] = time.monotonic() + _SILENT
        else:
            self._until.pop(key, None)

    def has(self, place: Place) -> bool:
        """Tell whether the worker's turn comes after those of all others."""
        return time.monotonic() < self._until.get((place.site, place.worker), 0.0)

    def forget(self) -> None:
        """Let all workers have their turn again."""
        self._until.clear()


silences = Silences()


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
    silences.forget()
    remembered.forget()
    forget_portal_key()
    broker.cache_clear()
    liveness.cache_clear()
