"""Powerful accounts in AD, by SID: the groups that SDProp protects, and groups of equal power."""

import re
from collections.abc import Iterable, Mapping

# MS-ADTS 3.1.1.6.1; the names are those of an English AD, the SIDs are the same everywhere (MS-DTYP 2.4.2.4).
BUILTIN: Mapping[str, str] = {
    "S-1-5-32-544": "Administrators",
    "S-1-5-32-548": "Account Operators",
    "S-1-5-32-549": "Server Operators",
    "S-1-5-32-550": "Print Operators",
    "S-1-5-32-551": "Backup Operators",
    "S-1-5-32-552": "Replicator",
}
OF_DOMAINS: Mapping[int, str] = {
    498: "Enterprise Read-only Domain Controllers",
    500: "Administrator",
    502: "krbtgt",
    512: "Domain Admins",
    516: "Domain Controllers",
    518: "Schema Admins",
    519: "Enterprise Admins",
    520: "Group Policy Creator Owners",
    521: "Read-only Domain Controllers",
    525: "Protected Users",
    526: "Key Admins",
    527: "Enterprise Key Admins",
}
"""By the last part of the SID."""
HARDENED = frozenset({"Protected Users"})
"""Protects its members but gives them no power."""
DOMAIN_SID = re.compile(r"S-1-5-21(?:-\d+){3}-(\d+)", re.ASCII)


def protections_of(sids: Iterable[str]) -> tuple[str, ...]:
    """Return the names of the protected groups and accounts among one account's SIDs, in order."""
    names: set[str] = set()
    for sid in sids:
        in_domain = DOMAIN_SID.fullmatch(sid)
        name = OF_DOMAINS.get(int(in_domain[1])) if in_domain else BUILTIN.get(sid)
        names.update({name} if name else ())
    return tuple(sorted(names))


def powers(sids: Iterable[str]) -> tuple[str, ...]:
    """Return the same names without the groups that give no power."""
    return tuple(name for name in protections_of(sids) if name not in HARDENED)
