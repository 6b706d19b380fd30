"""The doctor's checks of the portal's key, the paired site, its workers, and the audit they have seen."""

import time
from collections.abc import Iterator

from django.core.exceptions import ImproperlyConfigured

from portal.dispatch.broker import BrokerAway
from portal.dispatch.keys import read_portal_key
from portal.dispatch.liveness import WorkerState
from portal.dispatch.models import Site
from portal.dispatch.queries import has_too_many_sites, site_health
from portal.dispatch.troubles import Trouble, troubles
from portal.dispatch.workers import known_workers
from writeback.envelope.findings import Finding, failure, ok, warning

_NOBODY = ("doctor", "doctor")
_AHEAD = 5
"""Seconds by which a heartbeat may be ahead of this clock."""
_NTP = "let all hosts set their clocks by NTP: timedatectl"
_GONE = ("unheard", "down")
_CLOCKS = ("clock", "light clock")
_OF_PORTAL = {
    "no-key": ("pairing.key", "keyback-manage portal_key, and pair anew"),
    "no-site": (
        "pairing.site",
        "keyback-manage portal_key, writeback setup --portal TEXT, keyback-manage pair TEXT",
    ),
    "excess": ("pairing.site", "switch all but one off in /admin/, or keyback-manage unpair NAME"),
    "audit": ("audit.seen", "keyback-manage verify_audit"),
    "not-shown": ("audit.seen", "systemctl enable --now keyback-tick.timer"),
}
"""For each trouble of the portal or a site: the name of the check, and the command that mends it."""


def pairing_checks() -> Iterator[Finding]:
    """Check that the portal has its key and one paired site."""
    try:
        yield ok("pairing.key", f"the portal's key is {read_portal_key().public.fingerprint}")
    except ImproperlyConfigured as error:
        says, _, mend = str(error).removesuffix(".").partition("; run: ")
        yield failure("pairing.key", says, mend or _OF_PORTAL["no-key"][1])
    if not has_too_many_sites():
        for site in Site.objects.filter(enabled=True):
            yield ok("pairing.site", f"paired with the site {site.name}, {site.fingerprint}")


def trouble_checks() -> Iterator[Finding]:
    """Report the same troubles as the admin's pages; those of workers only if Redis can be reached."""
    try:
        known_workers().broker.heartbeats([_NOBODY])
    except BrokerAway:  # redis_checks reports it
        alive, heard = False, False
    else:
        alive, heard = any(each.state is WorkerState.UP for each in site_health()), True
    for trouble in troubles():
        if trouble.worker and heard:
            yield _judge(trouble, alive=alive)
        elif not trouble.worker and trouble.what != "no-key":  # pairing_checks reports it, with the reason
            check, mend = _OF_PORTAL[trouble.what]
            yield (failure if trouble.grave else warning)(check, trouble.says.removesuffix("."), mend)
    if heard:
        yield from _check_living()


def _judge(trouble: Trouble, *, alive: bool) -> Finding:
    says = f"{trouble.worker} of the site {trouble.site}: {trouble.says.removesuffix('.')}"
    level = failure if trouble.grave else warning
    if trouble.what in _GONE:
        mend = "there: systemctl status keyback-writeback, writeback doctor"
        return (warning if alive else failure)("worker.alive", says, mend)
    if trouble.what in _CLOCKS:
        return level("worker.clock", says, _NTP)
    if trouble.what.startswith(("directory ", "light ")):
        return level("worker.parts", says, "writeback doctor there")
    return level("worker.alarm", says, "writeback doctor there; if it was set up anew, pair again")


def _check_living() -> Iterator[Finding]:
    for each in site_health():
        if each.known is None or each.state is not WorkerState.UP:
            continue
        name = f"{each.worker} of the site {each.site}"
        yield ok("worker.alive", f"{name} lives, version {each.known.beat.version}")
        ahead = int(each.known.beat.time - time.time())
        if ahead > _AHEAD:
            yield warning("worker.clock", f"the clock of {name} is {ahead} s before this one's", _NTP)
