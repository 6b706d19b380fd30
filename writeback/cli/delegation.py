"""Commands that grant or revoke the service account's rights: PowerShell, dsacls and Samba.

Names from the settings are quoted literals in all of them, so no shell interprets them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from writeback.ceiling import parse_dn
from writeback.cli.rights import CLASSES, ON_PEOPLE, READ, UNEXPIRE_PASSWORD, WRITTEN

EXTENDED, WRITE, READ_VALUES, READ_LIST, READ_ALL = "CR", "WP", "RP", "RC", "RPLC"
"""Rights as SDDL writes them (MS-DTYP 2.5.1)."""
ANYTHING = UUID(int=0)
SINGLE_QUOTES = "'\u2018\u2019\u201a\u201b"
"""All of these end a literal in single quotes (PowerShell Language Specification 2.3.5.2)."""
_NET = {
    EXTENDED: "ExtendedRight",
    WRITE: "WriteProperty",
    READ_VALUES: "ReadProperty",
    READ_LIST: "ReadControl",
    READ_ALL: "'ReadProperty, ListChildren'",
}
_PREPARED = """\
$ErrorActionPreference = 'Stop'
function Edit-Keyback([string] $Dn, [scriptblock] $Edit) {
    $path = 'LDAP://' + $domain + '/' + $Dn.Replace('/', '\\/')
    $entry = New-Object System.DirectoryServices.DirectoryEntry ($path)
    $entry.psbase.Options.SecurityMasks = [System.DirectoryServices.SecurityMasks]::Dacl
    & $Edit $entry.psbase.ObjectSecurity
    $entry.psbase.CommitChanges()
}"""
_ADD = """\
function Add-KeybackRight([string] $Dn, [string] $Rights, [guid] $What, [string] $Inheritance, [guid] $Class)
{
    $rule = New-Object System.DirectoryServices.ActiveDirectoryAccessRule (
        $sid, $Rights, 'Allow', $What, $Inheritance, $Class)
    Edit-Keyback $Dn { param($list) $list.AddAccessRule($rule) }
}"""
_REMOVE = """\
function Remove-KeybackRights([string] $Dn) {
    Edit-Keyback $Dn { param($list) $list.PurgeAccessRules($sid) }
}"""


@dataclass(frozen=True, kw_only=True)
class Right:
    """One right at one place.

    Args:
        dn: the object that it is granted on.
        access: the right as SDDL writes it.
        what: English name of the right or attribute; empty for the object as a whole.
        guid: GUID of the right or attribute; ANYTHING for the object as a whole.
        heirs: class of the objects below that inherit it; empty for the object itself.
        below: True if everything below inherits it too.
    """

    dn: str
    access: str
    what: str = ""
    guid: UUID = ANYTHING
    heirs: str = ""
    below: bool = False

    @property
    def sddl(self) -> str:
        """The entry in SDDL (MS-DTYP 2.5.1), for the account in $SID."""
        kind = "OA" if self.guid != ANYTHING or self.heirs else "A"
        flags = "CIIO" if self.heirs else "CI" if self.below else ""
        what = "" if self.guid == ANYTHING else str(self.guid)
        heirs = str(CLASSES[self.heirs]) if self.heirs else ""
        return f"({kind};{flags};{self.access};{what};{heirs};$SID)"


def on_people(place: str) -> Iterator[Right]:
    """Yield the rights on people below one DN, for each class of people."""
    for heirs in CLASSES:
        for name, guid in ON_PEOPLE.items():
            yield Right(dn=place, access=EXTENDED, what=name, guid=guid, heirs=heirs)
        for name, guid in WRITTEN.items():
            yield Right(dn=place, access=WRITE, what=name, guid=guid, heirs=heirs)
        for name, guid in READ.items():
            yield Right(dn=place, access=READ_VALUES, what=name, guid=guid, heirs=heirs)
        yield Right(dn=place, access=READ_LIST, heirs=heirs)


def on_domain(domain: str) -> Iterator[Right]:
    """Yield the rights on the domain itself and on the container of fine-grained password policies."""
    yield Right(dn=domain, access=EXTENDED, what="Unexpire Password", guid=UNEXPIRE_PASSWORD)
    yield Right(dn=f"CN=Password Settings Container,CN=System,{domain}", access=READ_ALL, below=True)


def powershell(account: str, domain: str, rights: Sequence[Right], *, revoke: bool) -> Iterator[str]:
    r"""Yield PowerShell commands that name everything by GUID, so they work in every language of Windows.

    Args:
        account: the service account, as DN, UPN or DOMAIN\name.
        domain: DN of the domain.
        rights: the rights to grant or revoke.
        revoke: True to revoke all that the account has on these objects.
    """
    yield f"$domain = {ps_literal(dns_name(domain))}"
    yield from _PREPARED.splitlines()
    if "=" in account:
        path = f"'LDAP://' + $domain + '/' + {ps_literal(account)}.Replace('/', '\\/')"
        yield f"$user = New-Object System.DirectoryServices.DirectoryEntry ({path})"
        raw = "$user.psbase.Properties['objectSid'][0]"
        yield f"$sid = New-Object System.Security.Principal.SecurityIdentifier ({raw}, 0)"
    else:
        yield f"$user = New-Object System.Security.Principal.NTAccount ({ps_literal(account)})"
        yield "$sid = $user.Translate([System.Security.Principal.SecurityIdentifier])"
    yield from (_REMOVE if revoke else _ADD).splitlines()
    if revoke:
        yield from (f"Remove-KeybackRights {ps_literal(place)}" for place in _places(rights))
        return
    for right in rights:
        inheritance = "Descendents" if right.heirs else "All" if right.below else "None"
        heirs = CLASSES[right.heirs] if right.heirs else ANYTHING
        words = (ps_literal(right.dn), _NET[right.access], f"'{right.guid}'", inheritance, f"'{heirs}'")
        line = f"Add-KeybackRight {' '.join(words)}"
        yield f"{line}  # {right.what}" if right.what else line


def dsacls(rights: Sequence[Right], *, revoke: bool) -> Iterator[str]:
    """Yield the same for dsacls, which uses the names of an English Windows; needs $sid."""
    yield "$name = $sid.Translate([System.Security.Principal.NTAccount]).Value"
    if revoke:
        yield from (f'dsacls {ps_literal(place)} /R "$name"' for place in _places(rights))
        return
    for right in rights:
        access = "CA" if right.access == EXTENDED else right.access
        heirs = f";{right.heirs}" if right.heirs else ""
        what = f";{right.what}" if right.what or heirs else ""
        inherit = " /I:S" if right.heirs else " /I:T" if right.below else ""
        yield f'dsacls {ps_literal(right.dn)}{inherit} /G "${{name}}:{access}{what}{heirs}"'


def samba(account: str, domain: str, rights: Sequence[Right], *, revoke: bool) -> Iterator[str]:
    r"""Yield the same for a shell on a Samba controller, which looks up the account and uses its SID.

    Args:
        account: the service account, as DN, UPN or DOMAIN\name.
        domain: DN of the domain.
        rights: the rights to grant or revoke.
        revoke: True to revoke exactly these entries.
    """
    yield 'SAM="${SAM:-/var/lib/samba/private/sam.ldb}"'
    where = f"--scope=base --basedn={sh_literal(account)}"
    if "=" not in account:
        where = f"--basedn={sh_literal(domain)} {sh_literal(_filter(account, domain))}"
    found = f"ldbsearch --url=\"$SAM\" {where} objectSid | sed -n 's/^objectSid: //p'"
    yield f"SID=$({found})"
    yield ': "${SID:?is not known: there is no such account}"'
    verb = "delete" if revoke else "set"
    for place in _places(rights):
        entries = "".join(right.sddl for right in rights if right.dn == place)
        yield f'samba-tool dsacl {verb} --URL="$SAM" --objectdn={sh_literal(place)} --sddl="{entries}"'


def dns_name(domain: str) -> str:
    """Return the DNS name of a domain's DN."""
    return ".".join(value for rdn in parse_dn(domain) for _, value in rdn)


def ps_literal(text: str) -> str:
    """Return a PowerShell literal in single quotes, with each kind of single quote in it doubled."""
    return "'" + "".join(2 * one if one in SINGLE_QUOTES else one for one in text) + "'"


def sh_literal(text: str) -> str:
    """Return a literal for a POSIX shell."""
    escaped = text.replace("'", "'\\''")
    return f"'{escaped}'"


def _places(rights: Sequence[Right]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(right.dn for right in rights))


def _filter(account: str, domain: str) -> str:
    """Return the filter for the account that AD binds by this name: a UPN, or a name in this domain."""
    local, _, suffix = account.rpartition("\\")[2].partition("@")
    by_name = f"(sAMAccountName={_escape(local)})"
    if "\\" in account:
        return by_name
    by_upn = f"(userPrincipalName={_escape(account)})"
    return f"(|{by_upn}{by_name})" if suffix.lower() in ("", dns_name(domain)) else by_upn


def _escape(text: str) -> str:
    """Return a value escaped for a filter (RFC 4515 3)."""
    return "".join(f"\\{ord(one):02x}" if one in "\\*()\0" else one for one in text)
