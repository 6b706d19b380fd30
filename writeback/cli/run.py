"""`writeback run`: the worker itself."""

import argparse

from writeback import worker
from writeback.cli.common import Commands, add_command


def add(commands: Commands) -> None:
    """Add the command."""
    add_command(commands, "run", "Run the worker until it is stopped.").set_defaults(perform=perform)


def perform(args: argparse.Namespace) -> int:
    """Start the worker."""
    return worker.main(["--config", str(args.config)])
