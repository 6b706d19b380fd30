"""`writeback status`: the state of this worker, from its own files and without any connection."""

import argparse
from datetime import UTC, datetime

from writeback.assembly import build_core, open_vault
from writeback.cli.common import Commands, add_command, open_register_context, read_config_as_worker
from writeback.envelope.keyring import VerifyKey
from writeback.state import Switch
from writeback.vault.files import key_files


def add(commands: Commands) -> None:
    """Add the command."""
    add_command(commands, "status", "Show the state of this worker.").set_defaults(perform=perform)


def perform(args: argparse.Namespace) -> int:
    """Print the state; return 1 if the worker would open no job."""
    config = read_config_as_worker(args)
    vault = open_vault(config)
    identity, portal = vault.identity().public, vault.portal()
    born = max((file.born for file in key_files(config.site.keys, "rsa")), default=0)
    with open_register_context(config) as context:
        waiting = build_core(context).outbox.count_waiting()
        identifier = context.state.id.hex()
        switch = Switch(context.state)
        is_off = vault.is_disabled() or switch.is_off()
        is_trusted = portal is not None and switch.trusts(portal)
    rows = {
        "site": config.site.name,
        "worker": config.site.worker,
        "directories": ", ".join(directory.id for directory in config.directories),
        "fingerprint": identity.fingerprint,
        "switched": "off (writeback enable)" if is_off else "on",
        "portal": _portal(portal, is_trusted=is_trusted),
        "RSA key": f"since {_day(born)}" if born else "none (writeback setup)",
        "state keys": str(len(vault.state_keys())),
        "state": identifier,
        "mails waiting": str(waiting),
        "ceiling": config.ceiling_hash.hex(),
    }
    for name, value in rows.items():
        print(f"{name:14} {value}")
    return 0 if is_trusted else 1


def _portal(portal: VerifyKey | None, *, is_trusted: bool) -> str:
    if portal is None:
        return "none (writeback setup --portal STRING)"
    if is_trusted:
        return portal.fingerprint
    return f"{portal.fingerprint}, which the site does not trust (writeback setup --portal STRING)"


def _day(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).date().isoformat()
