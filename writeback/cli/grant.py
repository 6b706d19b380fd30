"""`writeback grant`: prints the exact commands that delegate the rights, for a domain admin to run."""

import argparse
from collections.abc import Iterator, Sequence

from writeback.ceiling import lies_below
from writeback.cli.common import CommandError, Commands, add_command, read_config
from writeback.cli.delegation import Right, dsacls, on_domain, on_people, powershell, samba
from writeback.config import Config, DirectoryConfig
from writeback.envelope.broker_faults import DEFAULT_OFF

# One Redis user for each process, limited to its commands and keys; deploy/redis/users.acl says the same.
PORTAL_ACL = (
    "user portal on resetchannels #SHA256 -@all +hello +auth +ping +multi +exec "
    "(-@all +lpush ~writeback.*) (-@all +blpop ~reply:*) (-@all +get %R~hb:*)"
)
WORKER_ACL = (
    "user {user} on resetchannels #SHA256 -@all +hello +auth +ping +brpop +lpush +rpush +llen "
    "+multi +exec +discard +del ~writeback.{worker} "
    "(-@all +lpush +expire %W~reply:*) (-@all +set %W~hb:{site}:{worker})"
)


def add(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(
        commands, "grant", "Print the commands that delegate the rights that the worker needs."
    )
    parser.add_argument("--account", help=r"the service account, as CORP\svc-keyback (default: bind)")
    parser.add_argument(
        "--on",
        action="append",
        default=[],
        metavar="DN",
        help="only for people below this DN, which inherits no rights; may be repeated",
    )
    parser.add_argument("--revoke", action="store_true", help="print the commands that revoke the rights")
    parser.set_defaults(perform=perform)


def perform(args: argparse.Namespace) -> int:
    """Print the commands for each directory and for Redis, and run nothing.

    Raises:
        CommandError: a given DN lies in no directory.
    """
    config = read_config(args)
    domains = [directory.base for directory in config.directories]
    for place in args.on:
        if not _lies_in(place, domains):
            raise CommandError(f'"{place}" lies in no [[directory]].')
    for directory in config.directories:
        rights = rights_in(config, directory, args.on)
        if rights:
            print("\n".join(_commands(directory, args.account or directory.bind, rights, revoke=args.revoke)))
    if not args.on and not args.revoke:
        print("# Redis: one line for each user in its aclfile; this prints the SHA256 of a password:")
        print('#   printf %s "$password" | sha256sum')
        print("\n".join(redis_lines(config)))
    return 0


def rights_in(config: Config, directory: DirectoryConfig, places: Sequence[str] = ()) -> tuple[Right, ...]:
    """Return all rights that the worker needs in one directory, or only those on people below some DNs."""
    chosen = [place for place in places or config.ceiling.scope.bases if _lies_in(place, [directory.base])]
    people = (right for place in chosen for right in on_people(place))
    return tuple(people) if places else (*people, *on_domain(directory.base))


def _commands(
    directory: DirectoryConfig, account: str, rights: Sequence[Right], *, revoke: bool
) -> Iterator[str]:
    name = directory.id
    yield f"# {name} on Windows: PowerShell, as a domain admin"
    yield from powershell(account, directory.base, rights, revoke=revoke)
    yield f"# {name} on an English Windows: or dsacls instead, in the same PowerShell"
    yield from dsacls(rights, revoke=revoke)
    yield f"# {name} on Samba: as root on a domain controller; set SAM=… if the database lies elsewhere"
    yield from samba(account, directory.base, rights, revoke=revoke)
    yield ""


def redis_lines(config: Config) -> tuple[str, ...]:
    """Return the lines for Redis's aclfile."""
    worker = WORKER_ACL.format(user=config.redis.username, worker=config.site.worker, site=config.site.name)
    return DEFAULT_OFF, PORTAL_ACL, worker


def _lies_in(place: str, domains: Sequence[str]) -> bool:
    """Tell whether a DN is one of the domains or lies below one."""
    return lies_below(f"CN=somebody,{place}", domains)
