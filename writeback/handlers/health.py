"""Health: report the worker's condition in detail, and the values of its ceiling."""

from dataclasses import replace

from writeback.envelope.answers import Answer, DirectoryHealth, DirectoryState, HealthReport, Outcome
from writeback.envelope.jobs import Health
from writeback.envelope.wire import SKEW
from writeback.ports import Request, Site

OFF_BY = 2.0
"""Seconds by which a host's clock may differ from the state's before it is reported."""


def handle(_request: Request[Health], site: Site) -> Answer:
    """Probe everything that a job needs, and report the results."""
    report = HealthReport(
        worker=site.worker,
        version=site.version,
        directories=tuple(health_of(site, name) for name in site.directories),
        couriers=tuple(courier.channel.value for courier in site.couriers if courier.is_up()),
        outbox=site.outbox.count_waiting(),
        gates=site.gates,
        allowed=site.allowed,
        ceiling_hash=site.ceiling_hash,
        notices=site.notices,
    )
    return Answer(outcome=Outcome.DONE, facts=report)


def health_of(site: Site, name: str) -> DirectoryHealth:
    """Return a directory's health at this worker; a clock that is off makes it DEGRADED, or even DOWN."""
    found, off = site.health(name), site.clock_is_off()
    if abs(off) <= OFF_BY or found.state is DirectoryState.DOWN:
        return found
    state = DirectoryState.DOWN if abs(off) > SKEW else DirectoryState.DEGRADED
    return replace(found, state=state, detail=f"{clock_trouble(off)} {found.detail}".rstrip())


def clock_trouble(off: float) -> str:
    """Return a sentence that says by how much this host's clock differs from the state's."""
    way = "ahead of" if off > 0 else "behind"
    return f"This host's clock is {abs(off):.0f} seconds {way} the database's."
