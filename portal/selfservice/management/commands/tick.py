"""The portal's background work: deletes old data, and shows the sites where the audit ends.

A timer runs it, or it repeats itself with --loop.
"""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from portal.audit.flows import thin_receipts
from portal.dispatch.anchoring import ShownAudit, show_audit
from portal.dispatch.flows import forget_old_jobs
from portal.dispatch.troubles import remember_troubles
from portal.gates.flows import forget_names, forget_old_attempts
from portal.selfservice.background import record_run
from portal.throttle.counts import forget_old_throttles
from portal.throttle.flows import forget_old_shares
from writeback.envelope.answers import Outcome

EVERY = 300


class Command(BaseCommand):
    """`manage.py tick`: deletes old attempts, jobs, throttles and sessions, and shows the audit's end."""

    help = (
        "Forget attempts, jobs and throttles that are two days old, names and sessions that are over; show "
        "the sites where the audit ends. Ends with status 1 where a site has seen another audit."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--loop", action="store_true", help="do it every five minutes until told to end")

    def handle(self, *args: Any, **options: Any) -> None:
        while True:
            self._forget()
            shown = show_audit()
            remember_troubles()
            for each in shown:
                self.stdout.write(_describe(each))
            record_run()
            if not options["loop"]:
                break
            time.sleep(EVERY)
        if any(each.outcome is Outcome.REFUSED for each in shown):
            raise CommandError("The audit is not what a site has seen of it. Run: manage.py verify_audit")

    def _forget(self) -> None:
        names, attempts, jobs = forget_names(), forget_old_attempts(), forget_old_jobs()
        throttles = forget_old_throttles() + forget_old_shares()
        thin_receipts()
        call_command("clearsessions")
        self.stdout.write(
            f"Forgotten: {names} names, {attempts} rows of attempts, {jobs} jobs, {throttles} throttles."
        )


def _describe(shown: ShownAudit) -> str:
    match shown.outcome:
        case Outcome.DONE:
            return f"The site {shown.site} has seen the audit up to event {shown.number}."
        case Outcome.REFUSED:
            return f"The site {shown.site} has seen event {shown.number} of another audit than this one."
        case None | Outcome.DIRECTORY_AWAY:
            return f"No worker of the site {shown.site} says what it has seen of the audit."
        case Outcome.NOT_ALLOWED:
            return (
                f"The site {shown.site} does not allow AnchorAudit: add it to [operations] of writeback.toml."
            )
    return f"The site {shown.site} has not looked at the audit: {shown.outcome.value}."
