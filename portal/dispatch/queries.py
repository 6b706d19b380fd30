"""Reads what is known of sites, workers and jobs."""

from dataclasses import dataclass

from portal.dispatch.liveness import KnownWorker, WorkerState
from portal.dispatch.models import JobRecord, Site
from portal.dispatch.rules import Excess, Finding, Served, find_conflict, find_excess
from portal.dispatch.sites import list_served
from portal.dispatch.workers import known_workers
from writeback.envelope.answers import DirectoryState
from writeback.envelope.jobs import reference_of


@dataclass(frozen=True, kw_only=True)
class WorkerHealth:
    """One worker as the admin sees it; `known` is None if no believable heartbeat ever came."""

    site: str
    worker: str
    state: WorkerState
    known: KnownWorker | None
    findings: tuple[Finding, ...] = ()


def site_health(*, fresh: bool = True) -> list[WorkerHealth]:
    """Return every worker of every enabled site, with its state.

    Args:
        fresh: False uses what was read last, even if that was long ago.
    """
    workers = known_workers()
    places, liveness = workers.places(), workers.liveness
    read = liveness.look(places) if fresh else liveness.recall(places)
    seen = {(worker.place.site, worker.place.worker): worker for worker in read}
    found = sorted(liveness.findings())
    return [
        WorkerHealth(
            site=place.site,
            worker=place.worker,
            state=known.state if known else WorkerState.DOWN,
            known=known,
            findings=tuple(each for each in found if (each.site, each.worker) == (place.site, place.worker)),
        )
        for place in places
        for known in [seen.get((place.site, place.worker))]
    ]


def is_reachable(directory: str) -> bool:
    """Tell whether a living worker reaches the directory; pages check this before an attempt begins."""
    workers = known_workers()
    return workers.key() is not None and any(
        worker.directory(directory) in (DirectoryState.UP, DirectoryState.DEGRADED)
        for worker in workers.usable()
        if worker.state is WorkerState.UP
    )


def has_live_worker() -> bool:
    """Tell whether any worker of the paired site lives, even if it can't reach its directory."""
    workers = known_workers()
    return workers.key() is not None and any(worker.state is WorkerState.UP for worker in workers.usable())


def workers_for(directory: str, *, fresh: bool = False) -> list[KnownWorker]:
    """Return the workers that can be asked about a directory, the least busy one first.

    Workers that did not answer lately come last.
    """
    order = {DirectoryState.UP: 0, DirectoryState.DEGRADED: 1, DirectoryState.DOWN: 2}
    workers = known_workers()
    found = [
        (workers.silences.has(worker.place), order[state], worker.beat.oldest_job, worker)
        for worker in workers.usable(fresh=fresh)
        for state in [worker.directory(directory)]
        if worker.state is WorkerState.UP and state is not None
    ]
    return [worker for *_, worker in sorted(found, key=lambda entry: entry[:3])]


def read_excess() -> Excess | None:
    """Return why no site is used, if several sites or directories are paired and switched on; else None."""
    return find_excess(list_served(Site.objects.filter(enabled=True)))


def pinned_directories() -> list[str]:
    """Return the directories in which people can be looked up: none or one."""
    served = list_served(Site.objects.filter(enabled=True))
    return (
        [] if find_excess(served) else [name for site in served for name in dict.fromkeys(site.directories)]
    )


def state_of(directory: str) -> bytes | None:
    """Return the id of the state that was pinned to a directory's site; None if no site serves it."""
    return next((place.state for place in known_workers().places() if directory in place.directories), None)


def list_other_sites(name: str) -> list[Served]:
    """Return the paired sites that have another name."""
    return list_served(Site.objects.exclude(name=name))


def find_conflicting_site(site: Site) -> str:
    """Return the name of the site that keeps this one from being switched on; empty if none does.

    It is this site's own name if this site has several directories.
    """
    others = Site.objects.filter(enabled=True).exclude(pk=site.pk)
    return find_conflict(list_served([site])[0], list_served(others))


def latest_job(attempt: bytes) -> JobRecord | None:
    """Return the last write that was sent in an attempt, or None.

    Args:
        attempt: the worker's id of the attempt, 16 bytes.
    """
    return JobRecord.objects.filter(reference=reference_of(attempt)).first()
