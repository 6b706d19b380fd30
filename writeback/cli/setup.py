"""`writeback setup`: the keys of the site, and the pairing with the portal."""

import argparse
from contextlib import closing

from writeback.assembly import open_state, open_vault
from writeback.cli.common import (
    CommandError,
    Commands,
    add_command,
    ask,
    can_ask,
    open_audit,
    read_config_as_worker,
)
from writeback.config import Config
from writeback.envelope.keyring import VerifyKey
from writeback.envelope.pairing import SiteEnrolment, read_portal_enrolment, write_site_enrolment
from writeback.state import Switch
from writeback.vault import Vault


def add(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(commands, "setup", "Make the site's keys, and pair with the portal.")
    parser.add_argument(
        "--workers", help="names of the site's workers, separated by commas (default: this one)"
    )
    parser.add_argument("--portal", metavar="STRING", help="the text that `manage.py portal_key` printed")
    parser.add_argument(
        "--fingerprint", help="the portal's fingerprint as its admin reads it out (default: ask for it)"
    )
    parser.set_defaults(perform=perform)


def perform(args: argparse.Namespace) -> int:
    """Make the missing keys, print the site's text for the portal, and pin the portal's key."""
    config = read_config_as_worker(args)
    if args.portal:
        read_portal_enrolment(args.portal)  # a text that is damaged is told before anything is made or asked
    if args.portal and args.fingerprint is None and not can_ask():
        raise CommandError(
            "There is no terminal to ask at, so nothing was changed. Give the fingerprint that the portal's "
            "admin reads out: writeback setup --portal STRING --fingerprint FINGERPRINT"
        )
    vault = open_vault(config)
    vault.create()
    with closing(open_state(config, vault)) as state:
        state_id = state.id
    vault.pin_state(state_id)
    identity = vault.identity()
    workers = tuple(name.strip() for name in (args.workers or config.site.worker).split(","))
    enrolment = SiteEnrolment(
        identity=identity.public.raw,
        site=config.site.name,
        redis=config.redis.url,
        workers=workers,
        directories=tuple(directory.id for directory in config.directories),
        state=state_id,
    )
    print("Give this to the portal's admin, who imports it there:\n")
    print(write_site_enrolment(enrolment, identity))
    print("\nBoth of you compare this site's fingerprint, over another channel than the text above:\n")
    print(f"    {identity.public.fingerprint}\n")
    text = args.portal or ask("Text of the portal (Enter to do this later): ")
    if not text:
        print("Then pair with: writeback setup --portal STRING")
        return 0
    return _pair(config, vault, text, args.fingerprint)


def _pair(config: Config, vault: Vault, text: str, fingerprint: str | None) -> int:
    if vault.is_disabled():
        raise CommandError("Writeback is switched off; first run: writeback enable.")
    key = read_portal_enrolment(text)
    if fingerprint is None and not _is_confirmed(key):
        raise CommandError("The fingerprint was not confirmed: nothing was paired.")
    if fingerprint is not None and fingerprint.strip().upper() != key.fingerprint:
        raise CommandError("The fingerprints differ: nothing was paired. Have the text sent again.")
    with closing(open_state(config, vault)) as state:
        Switch(state).pair(key)
    vault.pin_portal(text)
    open_audit(config).record("portal.paired", reference="", fingerprint=key.fingerprint)
    print(f"Paired with the portal {key.fingerprint}. Running workers load it within 30 seconds.")
    return 0


def _is_confirmed(key: VerifyKey) -> bool:
    print(f"\nThe portal's fingerprint:\n\n    {key.fingerprint}\n")
    return ask('Does the portal\'s admin read out the same? Type "yes": ').lower() == "yes"
