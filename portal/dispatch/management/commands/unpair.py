"""Forget a paired site."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.dispatch.flows import unpair


class Command(BaseCommand):
    """`manage.py unpair NAME`: forgets a site, whose workers are then not asked any more."""

    help = "Forget a paired writeback site. People can do nothing until a site is paired again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the name of the site, as the admin shows it")

    def handle(self, *_: Any, **options: Any) -> None:
        if not unpair(options["name"]):
            raise CommandError(f"There is no paired site {options['name']!a}.")
        self.stdout.write("Forgotten.")
