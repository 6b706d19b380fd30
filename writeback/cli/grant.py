"""`writeback grant`: the exact commands that delegate the rights, to be run by an admin of the domain."""

import argparse
from pathlib import PureWindowsPath

from writeback.ceiling import lies_below, parse_dn
from writeback.cli import rights
from writeback.cli.common import Commands, add_command, read_config
from writeback.config import Config, DirectoryConfig

# Classes, extended rights and attributes by their GUIDs (MS-ADTS 5.1.3.2.1, MS-ADA).
USER_CLASS = "bf967aba-0de6-11d0-a285-00aa003049e2"
ON_PEOPLE = {
    **{name: f"CR;{right}" for name, right in rights.ON_PEOPLE.items()},
    "lockoutTime": "WP;28630ebf-41d5-11d1-a9c1-0000f80367c1",
    "pwdLastSet": "WP;bf967a0a-0de6-11d0-a285-00aa003049e2",
}
UNEXPIRE = f"CR;{rights.UNEXPIRE_PASSWORD}"

# One user for each process, with its own commands on its own keys; deploy/redis/users.acl says the same.
PORTAL_ACL = (
    "user portal on resetchannels #SHA256 -@all +hello +auth +ping +multi +exec "
    "(-@all +lpush ~writeback.*) (-@all +blpop ~reply:*) (-@all +get %R~hb:*)"
)
WORKER_ACL = (
    "user {user} on resetchannels #SHA256 -@all +hello +auth +ping +brpop +lpush +rpush +llen +sadd "
    "+multi +exec +discard +del ~writeback.{worker} "
    "~_kombu.binding.writeback.{worker} ~_kombu.binding_permanent.writeback.{worker} "
    "(-@all +lpush +expire %W~reply:*) (-@all +set %W~hb:{site}:{worker})"
)


def add(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(commands, "grant", "Print the commands that delegate what the worker needs.")
    parser.add_argument("--account", help=r"the service account, as CORP\svc-keyback (default: bind)")
    parser.set_defaults(perform=perform)


def perform(args: argparse.Namespace) -> int:
    """Print them for each directory and for Redis; nothing is run."""
    config = read_config(args)
    for directory in config.directories:
        print("\n".join(_windows(config, directory, args.account)))
        print("\n".join(_samba(config, directory, args.account)))
    print("# Redis: one line for each user in its aclfile; SHA256 is what this prints for its password:")
    print('#   printf %s "$password" | sha256sum')
    print("\n".join(redis_lines(config)))
    return 0


def redis_lines(config: Config) -> tuple[str, ...]:
    """Return the lines for the file of Redis users."""
    worker = WORKER_ACL.format(user=config.redis.username, worker=config.site.worker, site=config.site.name)
    return "user default off", PORTAL_ACL, worker


def _windows(config: Config, directory: DirectoryConfig, account: str | None) -> list[str]:
    lines = [
        f"# {directory.id} on Windows: PowerShell, as a domain admin, with the RSAT tools for AD",
        f"$account = {_powershell_account(account or directory.bind)}",
    ]
    for base in _bases(config, directory):
        for right, access in ON_PEOPLE.items():
            kind = "CA" if access.startswith("CR") else "WP"
            lines.append(f'dsacls {_quoted(base)} /I:S /G "${{account}}:{kind};{right};user"')
    lines.append(f'dsacls {_quoted(directory.base)} /G "${{account}}:CA;Unexpire Password"')
    lines.append(f'dsacls {_quoted(_settings_container(directory))} /I:T /G "${{account}}:GR"')
    return [*lines, ""]


def _samba(config: Config, directory: DirectoryConfig, account: str | None) -> list[str]:
    name = _bare_name(account or directory.bind)
    people = "".join(f"(OA;CIIO;{access};{USER_CLASS};$SID)" for access in ON_PEOPLE.values())
    lines = [
        f"# {directory.id} on Samba: as root on a domain controller",
        f"SID=$(samba-tool user show {_shell(name)} --attributes=objectSid | sed -n 's/^objectSid: //p')",
    ]
    lines += [_dsacl(base, people) for base in _bases(config, directory)]
    lines.append(_dsacl(directory.base, f"(OA;;{UNEXPIRE};;$SID)"))
    lines.append(_dsacl(_settings_container(directory), "(A;CI;GR;;;$SID)"))
    return [*lines, ""]


def _dsacl(dn: str, rights: str) -> str:
    return f'samba-tool dsacl set --objectdn={_shell(dn)} --sddl="{rights}"'


def _bases(config: Config, directory: DirectoryConfig) -> tuple[str, ...]:
    domain = parse_dn(directory.base)
    return tuple(
        base
        for base in config.ceiling.scope.bases
        if lies_below(base, [directory.base]) or parse_dn(base) == domain
    )


def _settings_container(directory: DirectoryConfig) -> str:
    return f"CN=Password Settings Container,CN=System,{directory.base}"


def _powershell_account(account: str) -> str:
    if "=" not in account:
        return _quoted(account)
    name = f"(Get-ADUser -Identity {_quoted(account)}).SamAccountName"
    return f'"$((Get-ADDomain).NetBIOSName)\\$({name})"'


def _bare_name(account: str) -> str:
    if "=" in account:
        return next(value for _, value in parse_dn(account)[0])
    return PureWindowsPath(account.partition("@")[0]).name


def _quoted(text: str) -> str:
    """A PowerShell literal: nothing in single quotes is looked into."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def _shell(text: str) -> str:
    escaped = text.replace("'", "'\\''")
    return f"'{escaped}'"
