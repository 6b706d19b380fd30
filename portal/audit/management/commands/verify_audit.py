"""Walk the audit chain and name the first fault."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.audit.queries import verify


class Command(BaseCommand):
    """`manage.py verify_audit`: exit status 1 where an event was changed, swapped or removed."""

    help = "Walk the audit chain; name the first event that was changed, swapped or removed."

    def handle(self, *args: Any, **options: Any) -> None:
        verdict = verify()
        if verdict.broken_at:
            raise CommandError(verdict.why)
        self.stdout.write(f"{verdict.events} events, unbroken. The last one's hash is {verdict.head}.")
