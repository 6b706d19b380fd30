"""When the portal's background work was last done."""

from datetime import datetime

from portal.selfservice.models import BackgroundWork
from portal.web.queries import find_one

TICK = "tick"


def record_run() -> None:
    """Record that the background work was done now."""
    BackgroundWork.objects.update_or_create(name=TICK)


def read_last_run() -> datetime | None:
    """Return when the background work was last done by any host; None if it never was."""
    found = find_one(BackgroundWork.objects.filter(name=TICK))
    return found.done_at if found else None
