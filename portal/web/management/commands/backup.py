"""Copy the portal's database into a file."""

import sqlite3
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from portal.web.terminal import CANNOT
from writeback.envelope.sqlite_copy import copy_database, path_by_time


class Command(BaseCommand):
    """`manage.py backup FILE`: copies policy, local admins and audit; the portal may keep running."""

    help = "Copy the portal's SQLite database into a file that does not exist yet, or into a folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="a new file, or a folder for a file named after the time")

    def handle(self, *_: Any, **options: Any) -> None:
        if connection.vendor != "sqlite":
            raise CommandError("The database is PostgreSQL: back it up with pg_dump.", returncode=CANNOT)
        target: Path = options["file"]
        try:
            named = path_by_time(target, "portal", "sqlite3") if target.is_dir() else target
            copy_database(Path(connection.settings_dict["NAME"]), named)
        except FileExistsError:
            raise CommandError(
                f"The backup can't be written: {target} exists. Name a folder, and each backup gets its own "
                "name.",
                returncode=CANNOT,
            ) from None
        except (OSError, sqlite3.Error) as error:
            raise CommandError(f"The backup can't be written: {error}.", returncode=CANNOT) from None
        self.stdout.write(f"The database is in {named}. The portal's key and its secret key are not in it:")
        self.stdout.write("keep a copy of them too, in another place than this file.")
