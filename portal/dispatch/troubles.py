"""Sentences for administrators about what is wrong with sites and workers, and since when."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.dispatch.liveness import WorkerState
from portal.dispatch.models import Site
from portal.dispatch.queries import WorkerHealth, has_too_many_sites, site_health
from portal.dispatch.rules import Finding, Oddity
from portal.dispatch.workers import known_workers
from writeback.envelope.answers import DirectoryState

_SHOWN_LATE = timedelta(minutes=15)
"""Three times the interval of `manage.py tick`."""
_LONGEST_NAME = 32
_COURIER = gettext_lazy("Messages can't be sent: the courier %(name)s is down.")
_PARTS = {
    "state-and-audit": (gettext_lazy("Its state or its audit can't be written: it does nothing."), True),
    "state-version": (gettext_lazy("Its state was brought to a newer version: it does nothing."), True),
    "queue": (gettext_lazy("It takes no jobs: its log says what is wrong with Redis."), True),
    "clock": (gettext_lazy("The clocks of its host and its database differ."), True),
    "on-call": (gettext_lazy("Nobody is on call: its alarms are mailed to nobody."), False),
}
"""The lights in a heartbeat that are not couriers: the sentence for each, and whether it keeps people out."""


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """One thing that is wrong.

    Args:
        site: name of the site; empty for what is wrong with the portal itself.
        worker: name of the worker; empty for what is wrong with its site.
        what: a fixed name for the trouble.
        says: a sentence in the reader's language.
        grave: False if it keeps nobody out.
        since: when it was first seen; None if that is not known.
    """

    site: str = ""
    worker: str = ""
    what: str
    says: str
    grave: bool = True
    since: datetime | None = None

    @property
    def key(self) -> str:
        """The key under which its site remembers it."""
        return f"{self.worker}: {self.what}"


def troubles(site: str = "") -> list[Trouble]:
    """Return what is wrong now, grave troubles first.

    Args:
        site: name of a site, to leave out the troubles of other sites; empty for all.
    """
    sites = list(Site.objects.filter(enabled=True))
    since = {one.name: one.troubles for one in sites}
    found = [
        *_check_portal(sites),
        *(each for one in sites for each in _check_audit(one)),
        *_check_workers(site_health()),
    ]
    mine = [each for each in found if not site or each.site in (site, "")]
    dated = [_add_date(each, since.get(each.site, {})) for each in mine]
    return sorted(dated, key=lambda each: (not each.grave, each.site, each.worker, each.what))


def remember_troubles() -> None:
    """Save since when workers are in trouble, from the heartbeats that this process has read last."""
    workers = known_workers()
    if workers.liveness.reads == workers.remembered_reads:
        return
    workers.remembered_reads = workers.liveness.reads
    found = frozenset((each.site, each.key) for each in _check_workers(site_health(fresh=False)))
    if found == workers.remembered:
        return
    for name in Site.objects.filter(enabled=True).values_list("name", flat=True):
        _save_since(name, {key for site, key in found if site == name})
    workers.remembered = found


@transaction.atomic
def _save_since(name: str, keys: set[str]) -> None:
    site = Site.objects.select_for_update().filter(name=name).first()
    if site is None or set(site.troubles) == keys:
        return
    now = int(timezone.now().timestamp())
    known = {key: site.troubles.get(key, now) for key in keys}
    Site.objects.filter(pk=site.pk).update(troubles=known)


def _add_date(trouble: Trouble, since: Mapping[str, int]) -> Trouble:
    if trouble.since is not None or trouble.key not in since:
        return trouble
    at = datetime.fromtimestamp(since[trouble.key], UTC)
    return replace(trouble, since=at)


def _check_portal(sites: Iterable[Site]) -> Iterator[Trouble]:
    if known_workers().key() is None:
        yield Trouble(what="no-key", says=_("The key that signs jobs can't be used: see the portal's log."))
    if not sites:
        yield Trouble(what="no-site", says=_("No site is paired and switched on: nobody can be served."))
    if has_too_many_sites():
        says = _("Several sites are switched on, so none is used. Switch all but one off.")
        yield Trouble(what="excess", says=says)


def _check_audit(site: Site) -> Iterator[Trouble]:
    if site.misfit:
        says = _(
            "The portal's audit is not what the site has seen of it: event %(seen)d is missing or was "
            "replaced. Run: manage.py verify_audit"
        )
        at = datetime.fromtimestamp(site.misfit["since"], UTC)
        yield Trouble(site=site.name, what="audit", says=says % site.misfit, since=at)
    last = max(site.anchored_at or site.paired_at, site.paired_at)
    if timezone.now() - last > _SHOWN_LATE:
        says = _("The site was not shown where the portal's audit ends. Does keyback-tick.timer run?")
        yield Trouble(site=site.name, what="not-shown", says=says, grave=False, since=last)


def _check_workers(health: Iterable[WorkerHealth]) -> Iterator[Trouble]:
    for each in health:
        for what, says, grave, since in (
            *_check_state(each),
            *_check_findings(each),
            *_check_heartbeat(each),
        ):
            yield Trouble(site=each.site, worker=each.worker, what=what, says=says, grave=grave, since=since)


_Row = tuple[str, str, bool, datetime | None]


def _check_state(health: WorkerHealth) -> Iterator[_Row]:
    if any(finding.what is Oddity.WEAK_KEY for finding in health.findings):
        return
    if health.known is None:
        yield "unheard", _("No heartbeat comes from it."), True, None
    elif health.state is WorkerState.DOWN:
        at = datetime.fromtimestamp(health.known.beat.time, UTC)
        yield "down", _("It is down: no heartbeat came from it lately."), True, at
    elif health.state is WorkerState.CLOCK:
        yield "clock", _("It lives, but its clock and the portal's differ by more than a minute."), True, None


def _check_findings(health: WorkerHealth) -> Iterator[_Row]:
    for finding in health.findings:
        yield f"{finding.what.value} {finding.detail}", _describe_finding(finding), True, None


def _describe_finding(finding: Finding) -> str:
    match finding.what:
        case Oddity.FOREIGN_DIRECTORY:
            says = _(
                "It speaks of a directory that was not paired (%(detail)s), and is not asked about that."
            )
        case Oddity.WEAK_KEY:
            says = _("It announces a key that is too weak (%(detail)s), and is not used.")
        case Oddity.OTHER_STATE:
            says = _("It uses another state (%(detail)s) than was paired: the whole site is not used.")
    return says % {"detail": finding.detail}


def _check_heartbeat(health: WorkerHealth) -> Iterator[_Row]:
    """Yield what a living worker itself says is wrong."""
    if health.known is None or health.state is WorkerState.DOWN:
        return
    for directory in health.known.beat.directories:
        if directory.directory in health.known.place.directories and directory.state is not DirectoryState.UP:
            is_down = directory.state is DirectoryState.DOWN
            says = (
                _("The directory %(name)s is down.") if is_down else _("The directory %(name)s is degraded.")
            )
            what = f"directory {directory.directory} {directory.state.value}"
            yield what, says % {"name": directory.directory}, is_down, None
    for part in health.known.beat.couriers:
        if not part.up:
            name = part.courier[:_LONGEST_NAME]
            sentence, grave = _PARTS.get(name, (_COURIER, True))
            yield f"light {name}", str(sentence) % {"name": name}, grave, None
