"""How the worker reaches one directory, and with which account."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from writeback.config import ConfigError, DirectoryConfig
from writeback.envelope.deadlines import LONGEST_CALL
from writeback.envelope.secret import Secret

_HOST = re.compile(
    r"(?P<name>[A-Za-z0-9._-]+)(@(\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<four>[A-Za-z0-9._-]+)))?(:(?P<port>\d{1,5}))?"
)


@dataclass(frozen=True, kw_only=True)
class Host:
    """One domain controller.

    Args:
        name: the DNS name in its certificate, which AD calls it by.
        address: the address to connect to if the name can't be resolved here; empty to resolve the name.
    """

    name: str
    address: str = ""
    port: int = 636

    @classmethod
    def parse(cls, text: str, port: int) -> "Host":
        """Read `name`, `name@address`, `name:port` or `name@address:port` (IPv6 addresses in brackets).

        Raises:
            ValueError: the text is none of these; the message quotes it.
        """
        found = _HOST.fullmatch(text)
        own_port = int(found["port"] or port) if found else 0
        if not found or not 0 < own_port < 65536:
            raise ValueError(
                f"{text!r} is not a host: write dc1.example.com, or dc1.example.com@192.0.2.1:636."
            )
        return cls(name=found["name"].lower(), address=found["six"] or found["four"] or "", port=own_port)


@dataclass(frozen=True, kw_only=True)
class DirectorySettings:
    """What the adapter must know of one directory.

    Args:
        id: its name in jobs.
        hosts: domain controllers as `Host.parse` reads them, best first; the PDC emulator comes before all.
        port: the port of hosts that name none.
        base: DN of the domain ("DC=corp,DC=example").
        ca_file: PEM file of the authorities that sign the controllers' certificates; None for the system's.
        bind_dn: DN or UPN of the service account.
        policy_hints: what a reset does on a controller that can't apply history and minimum age to it:
            "require" refuses, "prefer" goes on without and says so in the detail.
        connect_timeout, receive_timeout: seconds for one connection and for one wait for bytes.
        total_deadline: seconds that one call may take in all; calls that only read get half of it.
    """

    id: str
    hosts: tuple[str, ...]
    base: str
    bind_dn: str
    bind_password: Secret
    port: int = 636
    ca_file: Path | None = None
    policy_hints: Literal["require", "prefer"] = "require"
    connect_timeout: int = 3
    receive_timeout: int = 10
    total_deadline: int = LONGEST_CALL

    def __post_init__(self) -> None:
        if not self.hosts:
            raise ValueError("hosts: name at least one domain controller.")
        if not self.bind_dn or not self.bind_password:
            raise ValueError("bind_dn, bind_password: a service account with a password is needed.")
        if not self.dns_domain:
            raise ValueError(f"base: {self.base!r} is not the DN of a domain, such as DC=corp,DC=example.")
        self.controllers()

    @property
    def dns_domain(self) -> str:
        """The domain's DNS name in lower case; empty if the base is not a domain's DN."""
        parts = [part.strip().lower().partition("=") for part in self.base.split(",")]
        if any(kind != "dc" or not value for kind, _, value in parts):
            return ""
        return ".".join(value for _, _, value in parts)

    def controllers(self) -> tuple[Host, ...]:
        """Return the parsed hosts.

        Raises:
            ValueError: one of them can't be parsed.
        """
        return tuple(Host.parse(text, self.port) for text in self.hosts)


def directory_settings(directory: DirectoryConfig) -> DirectorySettings:
    """Return the LDAP adapter's settings for a section [[directory]].

    Raises:
        ConfigError: the adapter can't work with these settings.
    """
    try:
        return DirectorySettings(
            id=directory.id,
            hosts=directory.hosts,
            base=directory.base,
            bind_dn=directory.bind,
            bind_password=directory.password,
            ca_file=directory.ca_file,
            policy_hints=directory.policy_hints,
            connect_timeout=directory.connect_timeout,
            receive_timeout=directory.receive_timeout,
            total_deadline=directory.total,
        )
    except ValueError as error:
        raise ConfigError([f"[[directory]] {error}"]) from None
