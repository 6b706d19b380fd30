"""`writeback disable`, `enable`, `rollover`: the switch, and new keys at once."""

import argparse

from writeback.cli.common import Commands, add_command, open_audit, open_vault, read_config_as_worker


def add(commands: Commands) -> None:
    """Add the commands."""
    add_command(
        commands, "disable", "Switch writeback off and forget the portal's key at once."
    ).set_defaults(perform=disable)
    add_command(
        commands, "enable", "Switch writeback on with new keys; then pair with the portal again."
    ).set_defaults(perform=enable)
    parser = add_command(commands, "rollover", "Make a new RSA key now; the old one opens for a day more.")
    parser.add_argument("--state", action="store_true", help="make a new key for the state, too")
    parser.set_defaults(perform=rollover)


def disable(args: argparse.Namespace) -> int:
    """Close the door: after this no job is opened, whoever signed it."""
    config = read_config_as_worker(args)
    open_vault(config).disable()
    open_audit(config).record("writeback.disabled", reference="")
    print("Writeback is off and the portal's key is forgotten. Workers that run follow within 30 seconds;")
    print("to be sure of it this second, stop them as well: systemctl stop keyback-writeback")
    return 0


def enable(args: argparse.Namespace) -> int:
    """Open the door, to whoever is paired next."""
    config = read_config_as_worker(args)
    open_vault(config).enable()
    open_audit(config).record("writeback.enabled", reference="")
    print("Writeback is on, with a new RSA key. Now pair with the portal: writeback setup --portal STRING")
    return 0


def rollover(args: argparse.Namespace) -> int:
    """Make new keys before their time."""
    config = read_config_as_worker(args)
    vault = open_vault(config)
    vault.roll_rsa()
    if args.state:
        vault.roll_state_key()
    open_audit(config).record("keys.rolled", reference="", state=bool(args.state))
    print("There is a new RSA key; portals learn of it with the next heartbeat, within 30 seconds.")
    if args.state:
        print("There is a new key for the state; workers of this host take it up within 30 seconds.")
        print("Back up the folder of keys, and copy the new key to the site's other hosts.")
    return 0
