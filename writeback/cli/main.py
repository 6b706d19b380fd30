"""`writeback …`: every command of the worker's side."""

import argparse
import sys
from collections.abc import Callable, Sequence

from writeback.cli import audit, backup, doctor, explain, grant, revoke, run, setup, status, switch
from writeback.cli.common import CommandError
from writeback.config import ConfigError
from writeback.envelope.errors import EnvelopeError
from writeback.ports import DirectoryAway, StateAway
from writeback.state import StateUnusable
from writeback.vault import VaultError

EXPECTED = (CommandError, ConfigError, VaultError, StateUnusable, StateAway, DirectoryAway, OSError)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 a problem was found, 2 the command failed."""
    parser = argparse.ArgumentParser(prog="writeback", description="The writeback worker of Keyback.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for part in (run, setup, doctor, explain, grant, status, switch, revoke, backup, audit):
        part.add(commands)
    args = parser.parse_args(arguments)
    perform: Callable[[argparse.Namespace], int] = args.perform
    try:
        return perform(args)
    except EnvelopeError:
        print("That text is incomplete, or is not the kind of text that was asked for.", file=sys.stderr)
    except EXPECTED as error:
        print(error, file=sys.stderr)
    except KeyboardInterrupt:
        print("Stopped; the steps before that remain done.", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
