"""Pin a site from the string that `writeback setup` printed on the worker's host."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.dispatch.flows import PairingRefusedError, pair, require_pairable
from portal.web.terminal import ask, read_all
from writeback.envelope.errors import EnvelopeError
from writeback.envelope.pairing import SiteEnrolment, read_site_enrolment


class Command(BaseCommand):
    """`manage.py pair STRING`: shows the fingerprint, and pins the site once a person has confirmed it."""

    help = "Pin a writeback site. Compare the fingerprint with the one that the worker shows."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("enrolment", help='the string, or "-" to read it from standard input, or @FILE')
        parser.add_argument("--fingerprint", help="pin the site if it has this fingerprint, and ask nobody")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            enrolment = read_site_enrolment(_text(options["enrolment"]))
        except (EnvelopeError, OSError, UnicodeDecodeError):
            raise CommandError("This is not the string of a site, or it was not copied whole.") from None
        try:
            require_pairable(enrolment)
        except PairingRefusedError as error:
            raise CommandError(str(error)) from None
        found, given = enrolment.key.fingerprint, options["fingerprint"]
        self.stdout.write(f"Site {enrolment.site}: {', '.join(enrolment.directories)}")
        self.stdout.write(f"Fingerprint: {found}")
        if not (_same(found, given) if given else self._confirmed(enrolment)):
            raise CommandError("The fingerprint was not confirmed: nothing was paired.")
        pair(enrolment)
        self.stdout.write("Paired.")

    def _confirmed(self, enrolment: SiteEnrolment) -> bool:
        typed = ask("Type the fingerprint that the worker shows: ", instead="it with --fingerprint")
        return _same(enrolment.key.fingerprint, typed)


def _text(argument: str) -> str:
    if argument == "-":
        return read_all(instead="the string itself, or @FILE")
    return Path(argument[1:]).read_text(encoding="utf-8") if argument.startswith("@") else argument


def _same(found: str, typed: str) -> bool:
    return found.replace("-", "") == typed.strip().upper().replace("-", "").replace(" ", "")
