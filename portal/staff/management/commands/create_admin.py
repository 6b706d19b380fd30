"""Make a local admin, who signs in with a password and a TOTP code that the portal itself checks."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from portal.staff.flows import create_admin
from portal.web.terminal import ask_secret


class Command(BaseCommand):
    """`manage.py create_admin NAME`: asks for a password, prints what an authenticator app needs, once."""

    help = "Make a local superuser with a password and a TOTP seed; works without any worker."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument(
            "--password-file", type=Path, help="read the password from here instead of asking"
        )
        parser.add_argument("--seed-file", type=Path, help="read the TOTP seed (20 bytes in hex) from here")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            password = _read(options["password_file"]) or _ask()
            device = create_admin(
                username=options["username"], password=password, seed=_read(options["seed_file"]).lower()
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError("The password file or the seed file can't be read.") from error
        self.stdout.write(
            f"Made {options['username']}. Add this to an authenticator app; it isn't shown again:"
        )
        self.stdout.write(device.config_url)


def _read(path: Path | None) -> str:
    return path.read_text(encoding="utf-8").strip("\r\n") if path else ""


def _ask() -> str:
    instead = "a file that holds it with --password-file"
    password = ask_secret("Password: ", instead=instead)
    if password != ask_secret("Once more: ", instead=instead):
        raise CommandError("The two are not the same.")
    return password
