"""The portal's background work: forgetting what nobody needs any more. Run by a timer, or with --loop."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from portal.dispatch.flows import forget_old_jobs
from portal.gates.flows import forget_names, forget_old_attempts
from portal.throttle.flows import forget_old_shares
from portal.web.flows import forget_old_throttles

EVERY = 3600


class Command(BaseCommand):
    """`manage.py tick`: old attempts, jobs, throttles and sessions go; the audit stays."""

    help = "Forget attempts, jobs and throttles that are two days old, names and sessions that are over."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--loop", action="store_true", help="do it every hour until told to end")

    def handle(self, *args: Any, **options: Any) -> None:
        while True:
            names, attempts, jobs = forget_names(), forget_old_attempts(), forget_old_jobs()
            throttles = forget_old_throttles() + forget_old_shares()
            call_command("clearsessions")
            self.stdout.write(
                f"Forgotten: {names} names, {attempts} rows of attempts, {jobs} jobs, {throttles} throttles."
            )
            if not options["loop"]:
                return
            time.sleep(EVERY)
