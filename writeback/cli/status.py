"""`writeback status`: how this worker stands, from its own files; nothing is connected to."""

import argparse
from contextlib import closing
from datetime import UTC, datetime

from writeback.cli.common import (
    Commands,
    add_command,
    open_state,
    open_vault,
    read_config_as_worker,
    state_keys,
)
from writeback.clock import SystemClock
from writeback.state import SqlOutbox
from writeback.vault.files import key_files


def add(commands: Commands) -> None:
    """Add the command."""
    add_command(commands, "status", "Say how this worker stands.").set_defaults(perform=perform)


def perform(args: argparse.Namespace) -> int:
    """Print it; 1 if no job would be opened."""
    config = read_config_as_worker(args)
    vault = open_vault(config)
    identity, portal = vault.identity().public, vault.portal()
    born = max((file.born for file in key_files(config.site.keys, "rsa")), default=0)
    with closing(open_state(config)) as state:
        waiting = SqlOutbox(state, state_keys(vault), SystemClock()).waiting()
        identifier = state.id.hex()
    rows = {
        "site": config.site.name,
        "worker": config.site.worker,
        "directories": ", ".join(directory.id for directory in config.directories),
        "fingerprint": identity.fingerprint,
        "switched": "off (writeback enable)" if vault.is_disabled() else "on",
        "portal": portal.fingerprint if portal else "none (writeback setup --portal STRING)",
        "RSA key": f"since {_day(born)}" if born else "none (writeback setup)",
        "state keys": str(len(vault.state_keys())),
        "state": identifier,
        "mails waiting": str(waiting),
        "ceiling": config.ceiling_hash.hex(),
    }
    for name, value in rows.items():
        print(f"{name:14} {value}")
    return 0 if portal else 1


def _day(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).date().isoformat()
