"""Check everything that the portal needs, and name the command that mends each finding."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from portal.selfservice.doctor import examine
from writeback.envelope.findings import accept, add_options, as_json, as_text, find_worst_level


class Command(BaseCommand):
    """`manage.py doctor`: ends with status 0 (ok), 1 (warnings) or 2 (failures), as Nagios expects."""

    help = "Check everything that the portal needs. Ends with 0 (ok), 1 (warnings) or 2 (failures)."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_options(parser)

    def handle(self, *_: Any, **options: Any) -> None:
        found = accept(examine(), options["accept"])
        self.stdout.write(as_json(found) if options["json"] else as_text(found))
        sys.exit(find_worst_level(found).exit_status)
