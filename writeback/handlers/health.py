"""Health: the worker's state in detail, and the values of its ceiling."""

from writeback.envelope.answers import Answer, HealthReport, Outcome
from writeback.envelope.jobs import Health
from writeback.ports import Request, Site


def handle(_request: Request[Health], site: Site) -> Answer:
    """Probe everything that a job needs, and tell what was found."""
    report = HealthReport(
        worker=site.worker,
        version=site.version,
        directories=tuple(directory.health() for directory in site.directories.values()),
        couriers=tuple(courier.name for courier in site.couriers if courier.is_up()),
        outbox=site.outbox.waiting(),
        gates=site.gates,
        allowed=site.allowed,
        ceiling_hash=site.ceiling_hash,
    )
    return Answer(outcome=Outcome.DONE, facts=report)
