"""A Redis as Keyback needs it: accounts with just their commands, limited memory, nothing on disk."""

import hashlib
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Any

import redis

from deploy.dev.demo.supervisor import Child
from deploy.dev.lab.certificates import Authority, write_secret
from deploy.dev.processes import SetupError, free_port, port_is_free, wait_until

ACL = Path(__file__).parents[2] / "redis" / "users.acl"
ADMIN = "admin"
HOST = "localhost"


@dataclass(frozen=True)
class Login:
    """A Redis account."""

    username: str
    password: str = field(repr=False)


class RedisServer:
    """A server with the accounts `portal` and `writeback-<worker>`, on a fixed loopback port.

    With an `authority` it speaks TLS only. With `admin` there is also an account that may do everything:
    tests use it to play an attacker who controls Redis; the demo does not have it.
    """

    def __init__(
        self,
        home: Path,
        *,
        site: str = "main",
        workers: Sequence[str] = ("w1",),
        authority: Authority | None = None,
        address: str = "127.0.0.1",
        port: int | None = None,
        admin: bool = False,
    ) -> None:
        """Describe the server; `start` writes the first file."""
        self.home = home.resolve()
        self.site = site
        self.address = address
        self.port = port or free_port(address)
        self.portal = Login("portal", secrets.token_urlsafe(24))
        self.workers = {name: Login(f"writeback-{name}", secrets.token_urlsafe(24)) for name in workers}
        self._authority = authority
        self._admin = Login(ADMIN, secrets.token_urlsafe(24)) if admin else None
        self._child = Child(
            "Redis",
            ["redis-server", str(self.home / "redis.conf")],
            log=self.home / "redis.log",
            ready=self._answers,
        )

    @property
    def url(self) -> str:
        """The address for clients, without an account."""
        return f"{'rediss' if self._authority else 'redis'}://{self.address}:{self.port}/0"

    @property
    def ca_file(self) -> Path | None:
        """The CA file for the server's certificate; None without TLS."""
        return self._authority.ca_file if self._authority else None

    def start(self) -> None:
        """Start the server and return when it answers."""
        if not shutil.which("redis-server"):
            raise SetupError("The program redis-server is missing; `make setup` installs it.")
        if not wait_until(lambda: port_is_free(self.address, self.port), seconds=3):
            raise SetupError(f"Redis needs port {self.port} of {self.address}, which another program holds.")
        self.home.mkdir(parents=True, exist_ok=True)
        self._write_files()
        self._child.start()

    def stop(self) -> None:
        """Stop the server; its data is lost."""
        self._child.stop()

    def kill(self) -> None:
        """Kill the server, like a crash."""
        self._child.kill()

    def restart(self) -> None:
        """Stop the server and start it on the same port, empty."""
        self.stop()
        self.start()

    def alive(self) -> bool:
        """Tell whether the server runs."""
        return self._child.alive()

    def client(self, login: Login | None = None, **options: Any) -> "redis.Redis":
        """Return a client with this account, or with the one that may do everything."""
        account = login or self._admin
        if not account:
            raise ValueError("this server has no account that may do everything")
        tls = {"ssl_ca_certs": str(self.ca_file)} if self.ca_file else {}
        timeouts = {"socket_timeout": 5, "socket_connect_timeout": 3}
        made: redis.Redis = redis.Redis.from_url(
            self.url, username=account.username, password=account.password, **(timeouts | tls | options)
        )
        return made

    def _answers(self) -> bool:
        try:
            with self.client(self.portal) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def _write_files(self) -> None:
        write_secret(self.home / "users.acl", self._accounts().encode())
        lines = [
            f"bind {self.address}",
            f"dir {self.home}",
            f"aclfile {self.home / 'users.acl'}",
            "daemonize no",
            "maxmemory 64mb",
            "maxmemory-policy noeviction",
            "proto-max-bulk-len 1mb",
            'save ""',
            "appendonly no",
        ]
        if self._authority:
            names, addresses = [HOST], [self.address]
            cert, key = self._authority.issue(self.home / "tls", names=names, addresses=addresses)
            lines += [
                "port 0",
                f"tls-port {self.port}",
                f"tls-cert-file {cert}",
                f"tls-key-file {key}",
                f"tls-ca-cert-file {self._authority.ca_file}",
                "tls-auth-clients no",
            ]
        else:
            lines.append(f"port {self.port}")
        (self.home / "redis.conf").write_text("\n".join(lines) + "\n")

    def _accounts(self) -> str:
        """Fill in the template that production uses too."""
        lines = []
        for line in ACL.read_text().splitlines():
            if line.startswith("#"):
                continue
            logins = self.workers if "${worker}" in line else {"": self.portal}
            lines += [
                Template(line).substitute(
                    site=self.site,
                    worker=name,
                    worker_password=_digest(login),
                    portal_password=_digest(self.portal),
                )
                for name, login in logins.items()
            ]
        if self._admin:
            lines.append(f"user {ADMIN} on #{_digest(self._admin)} ~* &* +@all")
        return "\n".join(lines) + "\n"


def _digest(login: Login) -> str:
    return hashlib.sha256(login.password.encode()).hexdigest()
