"""Reads and writes the lab's forest as its administrator."""

from collections.abc import Mapping, Sequence
from typing import Any

import ldap3
from ldap3.utils.conv import escape_filter_chars

from deploy.dev.lab.cast import Person, State

NORMAL, NEVER_EXPIRES, DISABLED = 0x200, 0x10000, 0x2
LOCKED = 0x10
DAY = 24 * 3600 * 10**7
"""One day in AD's intervals of 100 ns."""
ACCESS_LIST = ("1.2.840.113556.1.4.801", True, bytes.fromhex("3003020104"))
"""The control that reads or writes only the access list of a security descriptor (flag 4)."""
Value = str | bytes


class Directory:
    """The few operations that the lab needs, on a bound connection that raises on a refusal."""

    def __init__(self, connection: ldap3.Connection) -> None:
        """Use a connection that the caller closes."""
        self._ldap: Any = connection

    def add(self, dn: str, kind: str, attributes: Mapping[str, Value] | None = None) -> None:
        """Add one object."""
        self._ldap.add(dn, [kind], dict(attributes or {}))

    def replace(self, dn: str, attributes: Mapping[str, Value]) -> None:
        """Set attributes to one value each."""
        changes = {name: [(ldap3.MODIFY_REPLACE, [value])] for name, value in attributes.items()}
        controls = [ACCESS_LIST] if "nTSecurityDescriptor" in attributes else None
        self._ldap.modify(dn, changes, controls=controls)

    def add_member(self, group: str, member: str) -> None:
        """Put an object into a group."""
        self._ldap.modify(group, {"member": [(ldap3.MODIFY_ADD, [member])]})

    def remove_member(self, group: str, member: str) -> None:
        """Take an object out of a group."""
        self._ldap.modify(group, {"member": [(ldap3.MODIFY_DELETE, [member])]})

    def read(self, dn: str, *attributes: str) -> dict[str, list[bytes]]:
        """Return raw values of one object; an attribute that is missing or hidden is an empty list."""
        controls = [ACCESS_LIST] if "nTSecurityDescriptor" in attributes else None
        self._ldap.search(dn, "(objectClass=*)", ldap3.BASE, attributes=list(attributes), controls=controls)
        entry = next(entry for entry in self._ldap.response if entry["type"] == "searchResEntry")
        found = {name.lower(): values for name, values in entry["raw_attributes"].items()}
        return {name: list(found.get(name.lower(), [])) for name in attributes}

    def find(self, base: str, name: str) -> str | None:
        """Return the distinguished name of the object with this sAMAccountName."""
        wanted = f"(sAMAccountName={escape_filter_chars(name)})"
        self._ldap.search(base, wanted, ldap3.SUBTREE, attributes=["objectGUID"])
        found = (str(entry["dn"]) for entry in self._ldap.response if entry["type"] == "searchResEntry")
        return next(found, None)

    def is_locked(self, dn: str) -> bool:
        """Tell whether AD itself counts this account as locked."""
        computed = self.read(dn, "msDS-User-Account-Control-Computed")
        return bool(int(computed["msDS-User-Account-Control-Computed"][0]) & LOCKED)


def quote_password(password: str) -> bytes:
    """Return a password in the form that AD's `unicodePwd` needs."""
    return f'"{password}"'.encode("utf-16-le")


def add_user(
    directory: Directory,
    parent: str,
    *,
    name: str,
    domain: str,
    password: str,
    display_name: str,
    mail: str,
    state: State = "active",
    groups: Sequence[str] = (),
    note: str = "",
    flags: int = NORMAL,
) -> Person:
    """Add one account with its password; the caller brings about `locked` and `expired`."""
    dn = f"CN={display_name},{parent}"
    given, _, surname = display_name.partition(" ")
    attributes: dict[str, Value] = {
        "sAMAccountName": name,
        "userPrincipalName": f"{name}@{domain}",
        "givenName": given,
        "displayName": display_name,
        "unicodePwd": quote_password(password),
        "userAccountControl": str(flags | DISABLED if state == "disabled" else flags),
    }
    if surname:
        attributes["sn"] = surname
    if mail:
        attributes["mail"] = mail
    if state == "must change":
        attributes["pwdLastSet"] = "0"
    directory.add(dn, "user", attributes)
    for group in groups:
        directory.add_member(group, dn)
    guid = directory.read(dn, "objectGUID")["objectGUID"][0]
    return Person(name, password, dn, guid, mail, display_name, state, note)
