"""`writeback explain`: which account a name means, and why that account is served or not."""

import argparse
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from writeback.ceiling import Ceiling, enough, judge, reasons
from writeback.cli.common import (
    CommandError,
    Commands,
    add_command,
    open_directories,
    open_register_context,
    read_config_as_worker,
)
from writeback.envelope.addresses import UnusableAddress, check_address
from writeback.envelope.jobs import Operation
from writeback.envelope.operations import JOB_OF
from writeback.handlers.writes import why_closed
from writeback.ports import Account, Directory, DirectoryAway, DistributionGroup, Unreadable
from writeback.ports.filetime import unix_time
from writeback.proof import RegisterContext
from writeback.proof.factor import methods_of, ready_at
from writeback.proof.factor_rows import load_active

Denied = Mapping[str, str]
"""The groups whose members are never touched: DN by SID."""


def add(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(commands, "explain", "Say whom a name means, whether they are served, and why not.")
    parser.add_argument("name", help="account name, UPN, mail address or DOMAIN\\name, as people type it")
    parser.set_defaults(perform=perform)


def perform(args: argparse.Namespace) -> int:
    """Print the explanation; return 0 if exactly one account of that name is served."""
    config = read_config_as_worker(args)
    served, holders = 0, 0
    with open_register_context(config) as context, open_directories(config) as directories:
        denied = _find_denied(context.ceiling, directories)
        for directory in directories.values():
            guids = directory.matches(directory.canonical(args.name))
            if not guids:
                print(f'{directory.id}: nobody has the account name, UPN or mail address "{args.name}".')
            holders += bool(guids)
            for guid in guids:
                served += _explain(context, directory, guid, denied)
    if holders > 1:
        print("Several directories have an account of that name, so nobody is served under that name.")
    elif served > 1:
        print("Several accounts of that name could be served, so none is under that name.")
    return 0 if (holders, served) == (1, 1) else 1


def _explain(context: RegisterContext, directory: Directory, guid: bytes, denied: Denied) -> bool:
    """Print all about one account; return whether it is served."""
    try:
        account = directory.read(guid)
    except Unreadable as error:
        print(f"{directory.id}: {guid.hex()} is not served: {error}")
        return False
    if account is None:
        return False
    served = judge(account, context.ceiling, deny_sids=frozenset(denied)) is None
    print(f"{directory.id}: {account.name}  {account.dn}\n  objectGUID {guid.hex()}")
    print(f"  {'served' if served else 'not served'}")
    facts = (
        *_why_not(account, context.ceiling, denied),
        *_state(account),
        *_password(directory, account),
        _mail(account),
        *_list_factors(context, account),
        *(_operation(context, account, operation) for operation in Operation if served),
    )
    for fact in facts:
        print(f"  {fact}")
    return served


def _find_denied(ceiling: Ceiling, directories: Mapping[str, Directory]) -> Denied:
    """Look up each group whose members are never touched.

    Raises:
        CommandError: one of them protects nobody, so the worker serves nobody.
    """
    found: dict[str, str] = {}
    for dn in (*ceiling.scope.deny_groups, *ceiling.scope.operators):
        sids = _sids(dn, directories)
        if not sids:
            raise CommandError(f"Nobody is served: [scope] names {dn}, which is not a security group.")
        found |= dict.fromkeys(sids, dn)
    return found


def _sids(dn: str, directories: Mapping[str, Directory]) -> frozenset[str]:
    for directory in directories.values():
        try:
            return directory.group_sids([dn])
        except DistributionGroup:
            return frozenset()
        except LookupError:
            continue
    return frozenset()


def _why_not(account: Account, ceiling: Ceiling, denied: Denied) -> Iterator[str]:
    for reason, sid in reasons(account, ceiling, deny_sids=frozenset(denied)):
        yield f"because {reason} ({denied[sid]})" if sid in denied else f"because {reason}"


def _state(account: Account) -> Iterator[str]:
    states = {
        "disabled": account.disabled,
        "locked": account.locked,
        "expired (accountExpires)": account.expired,
        "signs in with a smart card": account.smart_card,
        "must change the password at the next logon": account.must_change,
    }
    yield from (f"account: {state}" for state, holds in states.items() if holds)


def _password(directory: Directory, account: Account) -> Iterator[str]:
    if account.pwd_last_set:
        yield f"password: set {_moment(unix_time(account.pwd_last_set))}"
    try:
        rules, lockout = directory.policy(account), directory.lockout(account)
        at = directory.changeable_at(account, by_reset=False)
    except DirectoryAway as error:
        yield f"password: its rules can't be read: {error}"
        return
    if at:
        yield f"password: too recent to be set again before {_moment(at)}"
    if not rules.readable:
        yield "password: a PSO applies that the service account may not read"
    if not lockout.readable:
        yield "wrong passwords: the count can't be read, so no password is tried"
    elif lockout.threshold:
        yield f"wrong passwords: {lockout.bad_passwords}, and {lockout.threshold} lock the account"


def _mail(account: Account) -> str:
    if not account.mail.strip():
        return "mail: none in the directory"
    try:
        return f"mail: {check_address(account.mail)}"
    except UnusableAddress as error:
        return f"mail: the address in the directory can't be used ({error.fault.value})"


def _list_factors(context: RegisterContext, account: Account) -> Iterator[str]:
    with context.state.reading() as tx:
        held = load_active(tx, context, account.owner)
    if not held:
        yield "registered: nothing"
    for factor in held:
        ready = ready_at(factor, context)
        since = f"since {_moment(factor.confirmed)}"
        yield f"registered: {factor.method.value} {since}" + (
            f", for a reset from {_moment(ready)}" if ready > context.now() else ""
        )


def _operation(context: RegisterContext, account: Account, operation: Operation) -> str:
    if JOB_OF[operation].__name__ not in context.ceiling.operations:
        return f"{operation.value}: switched off in [operations]"
    closed, gate = why_closed(account, operation), context.ceiling.gates.get(operation)
    if closed:
        return f"{operation.value}: closed ({closed.value})"
    if operation is Operation.REGISTER:
        return f"{operation.value}: open with the AD password"
    with context.state.reading() as tx:
        held = load_active(tx, context, account.owner)
    ready = [factor for factor in held if ready_at(factor, context) <= context.now()]
    if operation is not Operation.CHANGE and not enough(methods_of(ready), gate):
        return f"{operation.value}: not possible with the registered factors that are ready"
    return f"{operation.value}: open"


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
