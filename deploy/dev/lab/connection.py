"""LDAPS connections to a DC of the lab, with its certificate checked."""

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ldap3
from ldap3.core.exceptions import LDAPCommunicationError, LDAPException

from deploy.dev.lab.namespace import LabError

LDAPS = 636
SUBCODE = re.compile(r"data ([0-9a-f]+),")


@dataclass(frozen=True)
class Address:
    """The address of a DC, and the CA file for its certificate."""

    address: str
    host: str
    ca_file: Path

    def connection(self, user: str, password: str) -> ldap3.Connection:
        """Return an unbound connection, which sends its password as UTF-8, byte for byte."""
        tls = ldap3.Tls(
            validate=ssl.CERT_REQUIRED,
            ca_certs_file=str(self.ca_file),
            valid_names=[self.host],
            sni=self.host,
        )
        server = ldap3.Server(
            self.address, port=LDAPS, use_ssl=True, tls=tls, get_info=ldap3.NONE, connect_timeout=5
        )
        exact: Any = password.encode()
        return ldap3.Connection(
            server,
            user=user,
            password=exact,
            auto_referrals=False,
            receive_timeout=20,
        )

    @contextmanager
    def bind_as(self, user: str, password: str) -> Iterator[ldap3.Connection]:
        """Open a bound connection that raises on a refused operation, and close it at the end.

        (ldap3's `with connection:` leaves a connection open if it was bound before.)
        """
        connection = self.connection(user, password)
        try:
            if not connection.bind():
                raise LabError(f"{self.host} does not let {user} in: {connection.result['message']}")
            connection.raise_exceptions = True
            yield connection
        except LDAPCommunicationError as away:
            raise LabError(f"{self.host} does not answer: {away}") from away
        finally:
            connection.unbind()

    def subcode(self, user: str, password: str) -> str | None:
        """Try to sign in; return None on success, else AD's own code, such as `52e`."""
        connection = self.connection(user, password)
        try:
            if connection.bind():
                return None
            message = str(connection.result["message"])
        except LDAPException as away:
            raise LabError(f"{self.host} does not answer: {away}") from away
        finally:
            connection.unbind()
        found = SUBCODE.search(message)
        if not found:
            raise LabError(f"{self.host} refused {user} without a code: {message}")
        return found[1]
