"""Verify the audit chain, compare it with what the sites have seen, and name the first fault."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.audit.queries import verify
from portal.dispatch.anchoring import collect_ends

BROKEN, NOT_CHECKED = 1, 2
_WAY_OUT = (
    " If the database was restored from a backup, have the site take it as it is now: "
    "writeback audit reanchor"
)


class Command(BaseCommand):
    """`manage.py verify_audit`: status 1 if an event was changed or removed, 2 if the end was not checked."""

    help = "Walk the audit chain; name the first event that was changed or removed, a cut end included."

    def handle(self, *args: Any, **options: Any) -> None:
        ends = collect_ends()
        verdict = verify(ends.seen)
        if verdict.broken_at:
            way_out = _WAY_OUT if verdict.is_not_as_seen else ""
            raise CommandError(verdict.why + way_out, returncode=BROKEN)
        found = f"{verdict.events} events, unbroken. The last one's hash is {verdict.head}."
        if ends.silent:
            sites = ", ".join(ends.silent)
            raise CommandError(
                f"{found} The end could not be checked: no worker of the site {sites} says what it has seen.",
                returncode=NOT_CHECKED,
            )
        if not ends.seen:
            raise CommandError(
                f"{found} The end could not be checked: no site has seen any. Run: manage.py tick",
                returncode=NOT_CHECKED,
            )
        last = max(ends.seen, key=lambda each: each.number)
        self.stdout.write(f"{found} Event {last.number} was seen by {last}.")
