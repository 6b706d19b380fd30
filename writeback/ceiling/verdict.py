"""Decides which accounts the worker may touch, and with which proofs; pure, without side effects."""

import re
from collections.abc import Iterable, Iterator

from writeback.ceiling.dn import lies_below, parse_dn
from writeback.ceiling.policy import Ceiling, Gate, Scope
from writeback.ceiling.protected import DOMAIN_SID, protections_of
from writeback.envelope.answers import Outcome
from writeback.envelope.methods import FAMILY_OF, MethodKind
from writeback.ports import Account

_SID = re.compile(r"S-1-\d+(?:-\d+)+", re.ASCII)


def enough(proofs: Iterable[MethodKind], gate: Gate | None) -> bool:
    """Tell whether these proofs open a gate: distinct methods, independent of each other.

    Args:
        proofs: the method of each proof; the same method twice counts once.
        gate: the gate; None (an operation that the ceiling does not name) is never open.
    """
    if gate is None:
        return False
    methods = frozenset(proofs)
    families = {FAMILY_OF[method] for method in methods}
    if len(methods) < gate.methods_needed or len(families) < gate.families_needed:
        return False
    return not (len(methods) == 1 and methods <= gate.never_alone)


def judge(account: Account, ceiling: Ceiling, *, deny_sids: frozenset[str]) -> Outcome | None:
    """Return why an account must not be touched, or None if it may; in doubt, it must not.

    Args:
        account: read live, a moment ago.
        ceiling: the worker's policy.
        deny_sids: current SIDs of the groups in `deny_groups` and `operators`.

    Source: MS-ADTS 3.1.1.6.1 (protected objects), and the ceiling.
    """
    if any(_protections(account, ceiling.scope, deny_sids)):
        return Outcome.PROTECTED_ACCOUNT
    if not lies_below(account.dn, ceiling.scope.bases):
        return Outcome.OUT_OF_SCOPE
    if account.unreadable:  # an unknown attribute could forbid it
        return Outcome.DIRECTORY_REFUSED
    if not _has_groups(account):
        return Outcome.PROTECTED_ACCOUNT
    return None if account.person else Outcome.OUT_OF_SCOPE


def _has_groups(account: Account) -> bool:
    """Tell whether the groups are known: every account has a SID and a primary group."""
    in_domain = [sid for sid in account.sids if DOMAIN_SID.fullmatch(sid)]
    return len(in_domain) > 1 and all(_SID.fullmatch(sid) for sid in account.sids)


def reasons(account: Account, ceiling: Ceiling, *, deny_sids: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield in words each reason for `judge` to refuse an account, with the SID of the group if any.

    Args:
        account: read live, a moment ago.
        ceiling: the worker's policy.
        deny_sids: SIDs of the groups in `deny_groups` and `operators`.
    """
    yield from _protections(account, ceiling.scope, deny_sids)
    if not lies_below(account.dn, ceiling.scope.bases):
        yield "it lies below none of [scope] bases", ""
    if account.unreadable:
        yield f"the service account may not read {', '.join(account.unreadable)}", ""
    if not _has_groups(account):
        yield "its groups are not known", ""
    if not account.person:
        yield "it is not a person's account", ""


def _protections(account: Account, scope: Scope, deny_sids: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield why an account is protected, with the SID of the group in the settings if any."""
    for name in protections_of(account.sids):
        yield f"it is, or is a member of, a protected object of AD: {name}", ""
    for sid in sorted(account.sids):
        if sid in deny_sids:
            yield f"it is in a group of [scope] deny_groups or operators: {sid}", sid
    if account.admin_count and scope.deny_admincount:
        yield "adminCount is set: it is or was a member of a protected group", ""
    if account.has_spn and scope.deny_spn:
        yield "it has a servicePrincipalName, like a service account", ""
    if any(_is_own(account, name) for name in scope.own_accounts):
        yield "it is the worker's own account", ""


def _is_own(account: Account, bound_as: str) -> bool:
    names = {account.dn.lower(), account.upn.lower()} - {""}
    bare = bound_as.lower().rpartition("\\")[2].partition("@")[0]
    return bound_as.lower() in names or bare == account.name.lower() or _same_dn(account.dn, bound_as)


def _same_dn(one: str, other: str) -> bool:
    try:
        return parse_dn(one) == parse_dn(other)
    except ValueError:
        return False
