"""`writeback revoke`: removes factors, after an attack on the portal or for one person."""

import argparse
import os
import time
from collections.abc import Mapping
from dataclasses import replace

from writeback.cli.common import (
    CommandError,
    Commands,
    add_command,
    moment,
    open_audit,
    open_directories,
    open_register_context,
    read_config_as_worker,
)
from writeback.config import Config
from writeback.envelope.jobs import reference_of
from writeback.ports import Directory, DirectoryAway
from writeback.proof import RegisterContext
from writeback.proof.revoking import Addressee, find_owners_since, forget_browsers, revoke


def add(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(commands, "revoke", "Remove factors, and tell their owners.")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument(
        "--since", metavar="TIME", help="all factors added since then, such as 2026-11-20T08:00 (UTC)"
    )
    which.add_argument(
        "--account", metavar="NAME", help="all factors of one person, who may then register again"
    )
    parser.add_argument("--directory", help="id of that person's directory (default: the first)")
    parser.add_argument(
        "--dry-run", action="store_true", help="print whose factors they are, and change nothing"
    )
    parser.set_defaults(perform=perform)


def perform(args: argparse.Namespace) -> int:
    """Remove them one person at a time, so that an interrupted run keeps what it did."""
    config = read_config_as_worker(args)
    since = _past(args.since) if args.since else 0.0
    with open_register_context(config) as context, open_directories(config) as directories:
        if args.account:
            owners: tuple[Addressee, ...] = (_find(directories, args),)
        else:
            owners = find_owners_since(context, since)
            _forget_browsers(config, context, dry_run=args.dry_run)
        for owner in owners:
            _revoke_one(config, context, _with_names(directories, owner), since, dry_run=args.dry_run)
    print(f"{len(owners)} people. Mail goes out as soon as a worker runs.")
    return 0


def _forget_browsers(config: Config, context: RegisterContext, *, dry_run: bool) -> None:
    known = forget_browsers(context, dry_run=dry_run)
    if dry_run:
        print(f"{known} known browsers would be forgotten, of all people")
        return
    open_audit(config).record("browsers.forgotten", reference=reference_of(os.urandom(16)), count=known)
    print(f"{known} known browsers forgotten, of all people")


def _revoke_one(
    config: Config, context: RegisterContext, owner: Addressee, since: float, *, dry_run: bool
) -> None:
    name = f"{owner.directory}  {owner.account or owner.guid.hex()}"
    if dry_run:
        print(f"{name}: would lose the factors added since then")
        return
    reference = reference_of(os.urandom(16))
    done = revoke(context, owner, since=since, reference=reference)
    open_audit(config).record(
        "factors.revoked",
        reference=reference,
        directory=owner.directory,
        guid=owner.guid.hex(),
        count=done.count,
        anew=done.anew,
        told=done.told,
    )
    anew = ", may register again" if done.anew else ""
    untold = "" if done.told else "; has no mail address: tell them yourself"
    print(f"{name}: {done.count} removed{anew} ({reference}){untold}")


def _past(text: str) -> float:
    since = moment(text)
    if since > time.time():
        raise CommandError(f'"{text}" is in the future.')
    return since


def _find(directories: Mapping[str, Directory], args: argparse.Namespace) -> Addressee:
    if args.directory and args.directory not in directories:
        raise CommandError(f'There is no directory "{args.directory}"; there is {", ".join(directories)}.')
    wanted = [args.directory] if args.directory else list(directories)
    found = [account for name in wanted if (account := directories[name].find(args.account))]
    if len(found) > 1:
        names = " and in ".join(one.directory for one in found)
        raise CommandError(f'"{args.account}" is an account in {names}; say which with --directory.')
    if not found:
        raise CommandError(f'"{args.account}" is not the name of exactly one account in {", ".join(wanted)}.')
    (account,) = found
    return Addressee(directory=account.directory, guid=account.guid, account=account.name, mail=account.mail)


def _with_names(directories: Mapping[str, Directory], owner: Addressee) -> Addressee:
    """Add name and mail address if the directory answers; if not, the factors are still removed."""
    if owner.account or owner.directory not in directories:
        return owner
    try:
        account = directories[owner.directory].read(owner.guid)
    except DirectoryAway:
        return owner
    return replace(owner, account=account.name, mail=account.mail) if account else owner
