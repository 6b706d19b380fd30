"""Reads what is known of sites, workers and jobs."""

from dataclasses import dataclass

from portal.dispatch.liveness import KnownWorker, WorkerState
from portal.dispatch.models import JobRecord, Site
from portal.dispatch.rules import Finding, Served, are_too_many, find_conflict
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


def is_reachable(site: str) -> bool:
    """Tell whether a living worker reaches a directory of a site; to be asked before an attempt begins."""
    states = [state for worker in _list_living(site) for state in worker.directories().values()]
    return known_workers().key() is not None and any(state is not DirectoryState.DOWN for state in states)


def directories_away(site: str) -> list[str]:
    """Return the directories of a site that none of its living workers can reach."""
    seen = [worker.directories() for worker in _list_living(site)]
    return [
        name
        for name in known_workers().directories_of(site)
        if seen and all(states.get(name, DirectoryState.DOWN) is DirectoryState.DOWN for states in seen)
    ]


def has_live_worker() -> bool:
    """Tell whether any worker of the paired site lives, even if it can't reach its directory."""
    workers = known_workers()
    return workers.key() is not None and any(worker.state is WorkerState.UP for worker in workers.usable())


def workers_for(site: str, *, fresh: bool = False) -> list[KnownWorker]:
    """Return the workers of a site that can be asked: those that reach most come first, then the least busy.

    Workers that did not answer lately come last.
    """
    order = {DirectoryState.UP: 0, DirectoryState.DEGRADED: 1, DirectoryState.DOWN: 2}
    silences = known_workers().silences
    found = [
        (
            silences.has(worker.place),
            sorted((order[state] for state in worker.directories().values()), reverse=True),
            worker.beat.oldest_job,
            worker,
        )
        for worker in _list_living(site, fresh=fresh)
        if worker.directories()
    ]
    return [worker for *_, worker in sorted(found, key=lambda entry: entry[:3])]


def _list_living(site: str, *, fresh: bool = False) -> list[KnownWorker]:
    usable = known_workers().usable(fresh=fresh)
    return [worker for worker in usable if worker.place.site == site and worker.state is WorkerState.UP]


def has_too_many_sites() -> bool:
    """Tell whether no site is used because several are paired and switched on."""
    return are_too_many(list_served(Site.objects.filter(enabled=True)))


def paired_sites() -> list[str]:
    """Return the names of the sites at which people can be looked up: none or one."""
    served = list_served(Site.objects.filter(enabled=True))
    return [] if are_too_many(served) else [site.site for site in served]


def state_of(site: str) -> bytes | None:
    """Return the id of the state that was pinned to a site; None if there is no such site."""
    return next((place.state for place in known_workers().places() if place.site == site), None)


def list_other_sites(name: str) -> list[Served]:
    """Return the paired sites that have another name."""
    return list_served(Site.objects.exclude(name=name))


def find_conflicting_site(site: Site) -> str:
    """Return the name of the site that keeps this one from being switched on; empty if none does."""
    others = Site.objects.filter(enabled=True).exclude(pk=site.pk)
    return find_conflict(list_served([site])[0], list_served(others))


def latest_job(attempt: bytes) -> JobRecord | None:
    """Return the last write that was sent in an attempt, or None.

    Args:
        attempt: the worker's id of the attempt, 16 bytes.
    """
    return JobRecord.objects.filter(reference=reference_of(attempt)).first()
