"""`writeback backup` and `restore`: the site's memory in one file."""

import argparse
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url

from writeback.cli.common import (
    CommandError,
    Commands,
    add_command,
    open_audit,
    open_state,
    open_vault,
    read_config_as_worker,
)
from writeback.config import Config
from writeback.state import back_up, restore


def add(commands: Commands) -> None:
    """Add the commands."""
    parser = add_command(commands, "backup", "Copy the state into a file; the workers may go on meanwhile.")
    parser.add_argument(
        "file", type=Path, help="a file that does not exist yet, or a folder: it is named by the time then"
    )
    parser.set_defaults(perform=write_backup)
    parser = add_command(commands, "restore", "Make the state out of a backup; the workers must be stopped.")
    parser.add_argument("file", type=Path, help="what `writeback backup` wrote")
    parser.set_defaults(perform=read_backup)


def write_backup(args: argparse.Namespace) -> int:
    """Write the copy, and say what it is worth without the keys."""
    config = read_config_as_worker(args)
    with closing(open_state(config)) as state:
        written = back_up(state, args.file)
    open_audit(config).record("state.backed-up", reference="")
    print(f"The state is in {written}. It is of no use without the keys in {config.site.keys}:")
    print("keep a copy of that folder too, in another place than this file.")
    return 0


def read_backup(args: argparse.Namespace) -> int:
    """Put a backup in the state's place."""
    config = read_config_as_worker(args)
    restore(args.file, _path_of(config), known=open_vault(config).state_id())
    open_audit(config).record("state.restored", reference="")
    print("The state is restored. What was registered or removed after the backup is not in it:")
    print("if factors were removed since then for a reason, remove them again with `writeback revoke`.")
    return 0


def _path_of(config: Config) -> Path:
    url = make_url(config.site.state.reveal())
    if url.get_backend_name() != "sqlite" or not url.database:
        raise CommandError("The state is PostgreSQL: restore it with pg_restore.")
    return Path(url.database)
