"""The bare LDAP client: what anybody would write with ldap3 alone, on a warm connection."""

from typing import Any

import ldap3

from deploy.dev.lab import Lab, LabError, Person
from deploy.dev.lab.accounts import quote_password
from deploy.dev.lab.connection import Address

FULL_POLICY = ("1.2.840.113556.1.4.2239", True, bytes.fromhex("3003020101"))
"""Applies the whole policy to a reset; Keyback always sends this control (MS-ADTS 3.1.1.3.4.1.27)."""


class BareClient:
    """One LDAPS connection as the service account, bound once."""

    def __init__(self, lab: Lab) -> None:
        """Connect and bind."""
        address = Address(lab.address, lab.host, lab.ca_file)
        self._ldap: Any = address.connection(lab.service_dn, lab.service_password)
        if not self._ldap.bind():
            raise LabError(f"{lab.host} does not let {lab.service_dn} in.")

    def reset(self, person: Person, new: str) -> None:
        """Set a new password.

        Raises:
            LabError: the directory refuses.
        """
        changes = {"unicodePwd": [(ldap3.MODIFY_REPLACE, [quote_password(new)])]}
        if not self._ldap.modify(person.dn, changes, controls=[FULL_POLICY]):
            raise LabError(f"the bare client was refused: {self._ldap.result['description']}")

    def close(self) -> None:
        """Close the connection."""
        self._ldap.unbind()
