"""`writeback disable`, `enable` and `rollover`: the switch, and new keys at once."""

import argparse
from contextlib import closing

from writeback.assembly import open_state, open_vault
from writeback.cli.common import (
    CommandError,
    Commands,
    add_command,
    open_audit,
    read_config_as_worker,
)
from writeback.ports import StateAway
from writeback.state import StateUnusable, Switch


def add(commands: Commands) -> None:
    """Add the commands."""
    add_command(
        commands, "disable", "Switch writeback off and forget the portal's key at once."
    ).set_defaults(perform=disable)
    add_command(
        commands, "enable", "Switch writeback on with new keys; then pair with the portal again."
    ).set_defaults(perform=enable)
    parser = add_command(commands, "rollover", "Make a new RSA key now; the old one still works for a day.")
    parser.add_argument("--state", action="store_true", help="make a new key for the state, too")
    parser.set_defaults(perform=rollover)


def disable(args: argparse.Namespace) -> int:
    """Switch off: after this no worker of the site takes a job or begins a write, whoever signed it."""
    config = read_config_as_worker(args)
    open_vault(config).disable()
    open_audit(config).record("writeback.disabled", reference="")
    try:
        with closing(open_state(config, open_vault(config))) as state:
            Switch(state).switch_off()
    except (StateUnusable, StateAway) as error:
        raise CommandError(
            f"The state can't be reached ({error}). Only this host has forgotten the portal's key. "
            "Stop the workers of all hosts, then run this again: systemctl stop keyback-writeback"
        ) from None
    print("Writeback is now off for the whole site: no worker takes a job or begins a write, and the")
    print("portal's key is forgotten. A write that had already begun is finished.")
    return 0


def enable(args: argparse.Namespace) -> int:
    """Switch on, for the portal that is paired next."""
    config = read_config_as_worker(args)
    with closing(open_state(config, open_vault(config))) as state:
        Switch(state).switch_on()
    open_vault(config).enable()
    open_audit(config).record("writeback.enabled", reference="")
    print("Writeback is on, with a new RSA key. Now pair with the portal: writeback setup --portal STRING")
    print("If the site has several hosts, run both commands on each of them.")
    return 0


def rollover(args: argparse.Namespace) -> int:
    """Make new keys early."""
    config = read_config_as_worker(args)
    vault = open_vault(config)
    vault.roll_rsa()
    if args.state:
        vault.roll_state_key()
    open_audit(config).record("keys.rolled", reference="", state=bool(args.state))
    print("There is a new RSA key; portals learn of it with the next heartbeat, within 30 seconds.")
    if args.state:
        print("There is a new key for the state; workers of this host load it within 30 seconds.")
        print("Back up the folder of keys, and copy the new key to the site's other hosts.")
    return 0
