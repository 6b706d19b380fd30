"""The doctor's look at the border: the portal's key, the paired site, and its workers."""

import time
from collections.abc import Iterator

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from portal.dispatch.broker import BrokerAway
from portal.dispatch.checks import TOO_MANY
from portal.dispatch.keys import read_portal_key
from portal.dispatch.lights import WorkerState
from portal.dispatch.models import Site
from portal.dispatch.queries import WorkerHealth, broker, excess, site_health
from writeback.envelope.answers import DirectoryState
from writeback.envelope.findings import Finding, failure, ok, warning

_PAIR = "pair: keyback-manage portal_key, writeback setup --portal TEXT, keyback-manage pair TEXT"
_NOBODY = ("doctor", "doctor")
_AHEAD = 5
"""Seconds that a heartbeat may seem to come from the future."""
_NTP = "let all hosts set their clocks by NTP: timedatectl"


def pairing_checks() -> Iterator[Finding]:
    """Look whether the portal has its key and one site that it may ask."""
    try:
        key = read_portal_key().public
        yield ok("pairing.key", f"the portal's key is {key.fingerprint}")
    except ImproperlyConfigured as error:
        says, _, mend = str(error).removesuffix(".").partition("; run: ")
        yield failure("pairing.key", says, mend or "keyback-manage portal_key")
    try:
        found = excess()
        sites = list(Site.objects.filter(enabled=True))
    except DatabaseError:
        return  # told as the database's
    if found:
        says, mend = TOO_MANY[found]
        yield failure("pairing.site", says.removesuffix("."), mend)
    elif not sites:
        yield failure("pairing.site", "no site is paired and switched on: nobody can do anything", _PAIR)
    for site in [] if found else sites:
        yield ok("pairing.site", f"paired with the site {site.name}, {site.fingerprint}")


def worker_checks() -> Iterator[Finding]:
    """Look at the heartbeats of the paired site's workers; nobody is asked."""
    try:
        broker().heartbeats([_NOBODY])
        seen = site_health()
    except (BrokerAway, DatabaseError):
        return  # told as Redis' or the database's
    alive = any(worker.state is WorkerState.UP for worker in seen)
    for worker in seen:
        yield from _worker(worker, alive=alive)


def _worker(worker: WorkerHealth, *, alive: bool) -> Iterator[Finding]:
    name = f"{worker.worker} of the site {worker.site}"
    for finding in worker.findings:
        mend = "writeback doctor there; if it was set up anew, pair again"
        yield failure(
            "worker.alarm", f"{name} says what it must not: {finding.what.value} {finding.detail}", mend
        )
    if worker.light is None or worker.state is WorkerState.DOWN:
        level = warning if alive else failure
        mend = "there: systemctl status keyback-writeback, writeback doctor"
        yield level("worker.alive", f"the worker {name} is not heard", mend)
        return
    if worker.state is WorkerState.CLOCK:
        says = f"the clock of {name}, or this one's, is off by more than a minute"
        yield failure("worker.clock", says, _NTP)
        return
    yield ok("worker.alive", f"the worker {name} lives, version {worker.light.beat.version}")
    ahead = int(worker.light.beat.time - time.time())
    if ahead > _AHEAD:
        yield warning("worker.clock", f"the clock of {name} is {ahead} s before this one's", _NTP)
    yield from _parts(worker, name)


def _parts(worker: WorkerHealth, name: str) -> Iterator[Finding]:
    """Tell what of itself the worker says is not well."""
    beat = worker.light.beat if worker.light else None
    down = [f"{part.courier} is down" for part in (beat.couriers if beat else ()) if not part.up]
    worst = DirectoryState.UP
    for light in beat.directories if beat else ():
        if light.state is not DirectoryState.UP:
            down.append(f"the directory {light.directory} is {light.state.value}")
            worst = light.state if worst is not DirectoryState.DOWN else worst
    if down:
        level = failure if worst is DirectoryState.DOWN else warning
        yield level("worker.parts", f"{name} says: {', '.join(down)}", "writeback doctor there")
