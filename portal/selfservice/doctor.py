"""The doctor: checks everything that the portal needs, what others depend on first."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from portal.audit.doctor import audit_checks
from portal.dispatch.doctor import pairing_checks, trouble_checks
from portal.dispatch.post_box_doctor import redis_checks
from portal.selfservice.background import read_last_run
from portal.web.doctor import database_checks, settings_checks, static_checks
from writeback.envelope.findings import Check, Finding, Level, failure, gather, ok, warning

LATE = timedelta(hours=1)
_START = "systemctl enable --now keyback-tick.timer"


def examine() -> list[Finding]:
    """Return the findings of all checks; if the database fails, the checks that need it are left out."""
    found = [finding for name, check in _CHECKS.items() for finding in gather(name, check)]
    if not any(one.group == "database" and one.level is Level.FAILURE for one in found):
        found += [finding for name, check in _ON_DATABASE.items() for finding in gather(name, check)]
    return found


def tick_checks() -> Iterator[Finding]:
    """Check that the background work is done; without it, old names, sessions and throttles are kept."""
    done_at = read_last_run()
    if done_at is None:
        yield warning("tick.done", "the background work was never done", _START)
        return
    since = timezone.now() - done_at
    minutes = int(since.total_seconds() // 60)
    ago = "less than a minute" if not minutes else "1 minute" if minutes == 1 else f"{minutes} minutes"
    if since > LATE:
        says = f"the background work was last done {ago} ago"
        yield failure("tick.done", says, f"{_START}; journalctl -u keyback-tick -n 20")
    else:
        yield ok("tick.done", f"the background work was done {ago} ago")


_CHECKS: dict[str, Check] = {
    "settings.value": settings_checks,
    "database.reached": database_checks,
    "static.collected": static_checks,
    "redis.reached": redis_checks,
}
_ON_DATABASE: dict[str, Check] = {
    "pairing.site": pairing_checks,
    "worker.alive": trouble_checks,
    "audit.chain": audit_checks,
    "tick.done": tick_checks,
}
