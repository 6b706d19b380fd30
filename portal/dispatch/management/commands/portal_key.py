"""Make the key with which the portal signs jobs, and print the string that the worker needs."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from portal.dispatch.keys import key_file, make_portal_key, read_portal_key
from writeback.envelope.pairing import write_portal_enrolment


class Command(BaseCommand):
    """`manage.py portal_key`: prints a string for the worker, and a fingerprint for a person to compare."""

    help = "Make the portal's signing key if there is none, and print its enrolment string for the worker."

    def handle(self, *_: Any, **__: Any) -> None:
        try:
            key = read_portal_key() if key_file().exists() else make_portal_key()
        except (ImproperlyConfigured, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(write_portal_enrolment(key))
        self.stderr.write(f"Fingerprint: {key.public.fingerprint}")
