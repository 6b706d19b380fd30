"""`writeback doctor`: checks everything that a worker needs, one after the other."""

import argparse
from collections.abc import Sequence

from writeback.cli.common import CommandError, Commands, add_command, read_config_as_worker
from writeback.cli.doctor.examining import examine
from writeback.config import ConfigError
from writeback.envelope.findings import (
    Finding,
    accept,
    add_options,
    as_json,
    as_text,
    failure,
    find_worst_level,
)


def add(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(commands, "doctor", "Check everything that the worker needs.")
    add_options(parser)
    parser.set_defaults(perform=perform)


def perform(args: argparse.Namespace) -> int:
    """Print the findings; return 0 if all is well, 1 for warnings, 2 for failures."""
    found = accept(findings(args), args.accept)
    print(as_json(found) if args.json else as_text(found))
    return find_worst_level(found).exit_status


def findings(args: argparse.Namespace) -> Sequence[Finding]:
    """Return the findings; wrong settings are findings too."""
    try:
        config = read_config_as_worker(args)
    except ConfigError as error:
        return [_wrong_setting(problem, str(args.config)) for problem in error.problems]
    except CommandError as error:
        says, _, mend = str(error).partition("; ")
        return [failure("settings.user", says, mend)]
    except OSError as error:
        return [failure("settings.user", f"the folder of keys can't be checked: {error}", "run this as root")]
    return examine(config)


def _wrong_setting(problem: str, path: str) -> Finding:
    """Make a finding of a sentence; a command in it stands after `; run:`."""
    says, _, command = problem.removesuffix(".").partition("; run: ")
    return failure("settings.value", says, command or f"correct {path}")
