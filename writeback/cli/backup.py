"""`writeback backup` and `restore`: the site's state in one file."""

import argparse
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url

from writeback.assembly import open_state, open_vault
from writeback.cli.common import (
    CommandError,
    Commands,
    add_command,
    open_audit,
    read_config_as_worker,
)
from writeback.config import Config
from writeback.state import back_up, restore


def add(commands: Commands) -> None:
    """Add the commands."""
    parser = add_command(commands, "backup", "Copy the state into a file; the workers may keep running.")
    parser.add_argument(
        "file", type=Path, help="a new file, or a folder: then the file is named after the time"
    )
    parser.set_defaults(perform=write_backup)
    parser = add_command(commands, "restore", "Restore the state from a backup; stop the workers first.")
    parser.add_argument("file", type=Path, help="a file that `writeback backup` wrote")
    parser.set_defaults(perform=read_backup)


def write_backup(args: argparse.Namespace) -> int:
    """Write the copy, and remind the admin that it needs the keys."""
    config = read_config_as_worker(args)
    with closing(open_state(config, open_vault(config))) as state:
        written = back_up(state, args.file)
    open_audit(config).record("state.backed-up", reference="")
    print(f"The state is in {written}. Without the keys in {config.site.keys} it is useless:")
    print("keep a copy of that folder too, in a different place from this file.")
    return 0


def read_backup(args: argparse.Namespace) -> int:
    """Replace the state with a backup."""
    config = read_config_as_worker(args)
    restore(args.file, _path_of(config), known=open_vault(config).state_id())
    open_audit(config).record("state.restored", reference="")
    print("The state is restored. It lacks everything that was registered or removed after the backup:")
    print("if you removed factors since then for a reason, remove them again with `writeback revoke`.")
    return 0


def _path_of(config: Config) -> Path:
    url = make_url(config.site.state.reveal())
    if url.get_backend_name() != "sqlite" or not url.database:
        raise CommandError("The state is PostgreSQL: restore it with pg_restore.")
    return Path(url.database)
