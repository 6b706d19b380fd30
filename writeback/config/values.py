"""The worker's settings as frozen values."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from writeback.ceiling import Ceiling
from writeback.envelope.deadlines import LONGEST_CALL
from writeback.envelope.secret import Secret


@dataclass(frozen=True, kw_only=True)
class SiteConfig:
    """This worker and its site.

    Args:
        name: the site's name; lower-case letters, digits and hyphens.
        worker: this worker's name within the site, and the name of its queue.
        state: SQLAlchemy URL of the state (may hold a password).
        keys: folder of the site's key files, mode 0700.
        run: memory-backed folder of this worker's prekeys.
        audit: the file of the worker's audit.
    """

    name: str
    worker: str
    state: Secret
    keys: Path
    run: Path
    audit: Path


@dataclass(frozen=True, kw_only=True)
class RedisConfig:
    """The address of the post box; `ca_file` None means the system's own authorities."""

    url: str
    username: str
    password: Secret
    ca_file: Path | None = None


@dataclass(frozen=True, kw_only=True)
class PortalConfig:
    """The portal that may ask; the file of its public key is absent until pairing and after `disable`."""

    public_key_file: Path


@dataclass(frozen=True, kw_only=True)
class DirectoryConfig:
    r"""One AD forest or domain; timeouts are whole seconds (ldap3 takes nothing else).

    Args:
        hosts: domain controllers, "name", "name:port" or "name@address:port", best first; LDAPS only.
        base: DN of the domain.
        bind: DN, UPN or DOMAIN\name of the service account.
        policy_hints: "require" refuses to reset on a DC that can't enforce history; "prefer" goes on.
        total: seconds that one job may use the directory; calls that only read get half of it.
    """

    id: str
    hosts: tuple[str, ...]
    base: str
    bind: str
    password: Secret
    ca_file: Path | None = None
    policy_hints: Literal["require", "prefer"] = "require"
    connect_timeout: int = 3
    receive_timeout: int = 10
    total: int = LONGEST_CALL


@dataclass(frozen=True, kw_only=True)
class MailConfig:
    """How mail is sent.

    Args:
        security: "tls" (from the first byte), "starttls", or "none" (this machine only).
        username: empty if the relay asks for none.
        sender: an address, or a name with an address in angle brackets.
        timeout: seconds for each step of a delivery.
    """

    host: str
    port: int
    security: str
    sender: str
    username: str = ""
    password: Secret | None = None
    ca_file: Path | None = None
    timeout: int = 10


@dataclass(frozen=True, kw_only=True)
class Config:
    """All settings of a worker."""

    site: SiteConfig
    redis: RedisConfig
    portal: PortalConfig
    directories: tuple[DirectoryConfig, ...]
    mail: MailConfig
    ceiling: Ceiling

    @property
    def ceiling_hash(self) -> bytes:
        """The SHA-256 of the ceiling, as sent in every heartbeat."""
        return self.ceiling.digest()
