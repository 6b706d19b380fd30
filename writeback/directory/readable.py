"""Which attributes of an account must be readable before it is judged; a hidden one never counts as absent.

AD leaves an attribute out of its answer both if it has no value and if it may not be read.
"""

from collections.abc import Sequence
from uuid import UUID

from writeback.directory.attributes import octets, text
from writeback.directory.connection import SUBTREE, SUCCESS, Broken, Entry, Link
from writeback.directory.descriptors import Guarded, Reader

ON_EVERY_ACCOUNT = (
    "sAMAccountName",
    "objectClass",
    "objectSid",
    "tokenGroups",
    "sAMAccountType",
    "userAccountControl",
    "accountExpires",
    "pwdLastSet",
    "msDS-User-Account-Control-Computed",
)
"""Every account has these: SAM sets them or AD computes them (MS-SAMR 3.1.1.8, MS-ADTS 3.1.1.4.5)."""
NOT_ON_ALL = ("userPrincipalName", "displayName", "mail", "adminCount", "servicePrincipalName")
"""An account may lack these, so only its access list tells whether they were hidden."""
PSO_OF = "msDS-ResultantPSO"
OF_LOCKOUT = ("badPwdCount", "badPasswordTime", PSO_OF)
"""The first two are not replicated; a controller that has not seen the person yet may have none."""
DESCRIPTOR = "nTSecurityDescriptor"
GRANT = "run what `writeback grant` prints, as an admin of the domain"
_CONFIDENTIAL = 0x80
"""fCONFIDENTIAL in searchFlags (MS-ADTS 3.1.1.2.3)."""


def unreadable(
    entry: Entry, reader: Reader, *, always: Sequence[str] = (), maybe: Sequence[str] = ()
) -> tuple[str, ...]:
    """Return the requested attributes that may not be read.

    Args:
        entry: the search entry, with its nTSecurityDescriptor.
        reader: what the connection may read.
        always: attributes that every account has.
        maybe: attributes that an account may lack.
    """
    descriptor = octets(entry, DESCRIPTOR.lower())
    hidden = [name for name in always if not entry.get(name.lower())]
    hidden += [
        name
        for name in maybe
        if not entry.get(name.lower()) and not (descriptor and reader.may_read(descriptor, name))
    ]
    return tuple(hidden)


def read_guards(link: Link, attributes: Sequence[str]) -> dict[str, Guarded]:
    """Read from the schema how each attribute is guarded, by lower-cased name.

    Raises:
        Broken: the schema can't be read.
    """
    _, found = link.search("", "(objectClass=*)", ["schemaNamingContext"])
    schema = text(found[0], "schemanamingcontext") if found else ""
    wanted = "".join(f"(lDAPDisplayName={name})" for name in attributes)
    reply, found = link.search(
        schema,
        f"(&(objectClass=attributeSchema)(|{wanted}))",
        ["lDAPDisplayName", "schemaIDGUID", "attributeSecurityGUID", "searchFlags"],
        scope=SUBTREE,
    )
    if not schema or reply.result != SUCCESS:
        raise Broken(f"{link.host.name}: the schema can't be read: {reply}")
    return {text(entry, "ldapdisplayname").lower(): _guard_of(entry) for entry in found}


def _guard_of(entry: Entry) -> Guarded:
    raw = (octets(entry, "schemaidguid"), octets(entry, "attributesecurityguid"))
    flags = octets(entry, "searchflags") or b"0"
    return Guarded(
        names=frozenset(UUID(bytes_le=value) for value in raw if len(value) == 16),
        confidential=not flags.isdigit() or bool(int(flags) & _CONFIDENTIAL),
    )
