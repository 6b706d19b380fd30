"""A throw-away PostgreSQL cluster on loopback, for setups with several hosts."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
from pathlib import Path

import psycopg
from psycopg import sql

from deploy.dev.demo.supervisor import Child
from deploy.dev.lab.certificates import write_secret
from deploy.dev.processes import SetupError, free_port, last_words

BINARIES = "/usr/lib/postgresql"
SYSTEM_USER = "postgres"
OWNER = "keyback"
# The data need not survive a power cut; only this machine may connect, and only with a password.
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "password_encryption": "scram-sha-256",
    "shared_buffers": "32MB",
    "unix_socket_directories": "",
}


class PostgresServer:
    """A server on a fixed loopback port, with one account that owns the databases made here.

    As root it runs under the account `postgres`, since PostgreSQL refuses to run as root; it keeps the one
    right to pass through other users' folders, as `home` may lie where only root can go.
    """

    def __init__(self, home: Path, *, address: str = "127.0.0.1", port: int | None = None) -> None:
        """Describe the server; `start` writes the first file."""
        self.home = home.resolve()
        self.address = address
        self.port = port or free_port(address)
        self._passwords = {name: secrets.token_urlsafe(24) for name in (SYSTEM_USER, OWNER)}
        self._child = Child("PostgreSQL", (), log=self.home / "postgres.log", ready=self._answers)

    def start(self) -> None:
        """Make the cluster if there is none yet, start the server and return when it answers."""
        binaries = newest_binaries()
        data = self.home / "data"
        fresh = not data.exists()
        if fresh:
            self._make_cluster(binaries, data)
        settings = [f"--{name}={value}" for name, value in SETTINGS.items()]
        listens = (f"--listen_addresses={self.address}", f"--port={self.port}")
        # The kernel drops the bond to the parent when the user changes, so it is made again after that.
        bound = ("setpriv", "--pdeathsig", "QUIT")
        server = (str(binaries / "postgres"), "-D", str(data), *listens, *settings)
        self._child.argv = [*_not_root(), *bound, *server]
        self._child.start()
        if fresh:
            role = sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}")
            self._run(role.format(sql.Identifier(OWNER), sql.Literal(self._passwords[OWNER])))

    def stop(self) -> None:
        """Stop the server and its clients' connections; the databases stay until `home` is removed."""
        if self._child.process and self.alive():
            self._child.process.send_signal(signal.SIGINT)  # SIGTERM alone would wait for the clients
        self._child.stop()

    def alive(self) -> bool:
        """Tell whether the server runs."""
        return self._child.alive()

    def make_database(self, name: str) -> str:
        """Make an empty database and return its address, including the password."""
        self._run(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(OWNER)))
        return self.url(name)

    def url(self, database: str) -> str:
        """Return the address of a database for the account that owns it."""
        return f"postgresql://{OWNER}:{self._passwords[OWNER]}@{self.address}:{self.port}/{database}"

    def _make_cluster(self, binaries: Path, data: Path) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        password = self.home / "postgres.secret"
        write_secret(password, self._passwords[SYSTEM_USER].encode())
        data.mkdir(mode=0o700)
        if os.geteuid() == 0:
            shutil.chown(data, SYSTEM_USER)
        makes = (str(binaries / "initdb"), "--pgdata", str(data), "--username", SYSTEM_USER)
        ways = ("--auth", "scram-sha-256", "--pwfile", str(password), "--encoding", "UTF8", "--locale", "C")
        log = self.home / "initdb.log"
        with log.open("wb") as sink:
            argv = [*_not_root(), *makes, *ways, "--no-sync", "--no-instructions"]
            done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, check=False)
        if done.returncode:
            raise SetupError(f"PostgreSQL could not be set up; {log} ends with:\n{last_words(log)}")

    def _run(self, statement: sql.Composed) -> None:
        with self._connect() as connection:
            connection.execute(statement)

    def _connect(self) -> "psycopg.Connection":
        return psycopg.connect(
            host=self.address,
            port=self.port,
            user=SYSTEM_USER,
            password=self._passwords[SYSTEM_USER],
            dbname="postgres",
            connect_timeout=3,
            autocommit=True,
        )

    def _answers(self) -> bool:
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True


def newest_binaries() -> Path:
    """Return the folder of the newest server that this machine has.

    Raises:
        SetupError: there is no server.
    """
    found = sorted(Path(BINARIES).glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise SetupError("The PostgreSQL server is missing; `make setup` installs it.")
    return found[-1].parent


def _not_root() -> list[str]:
    """Return a prefix that runs a command as another user with root's read access, if this user is root."""
    if os.geteuid() != 0:
        return []
    try:
        account = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        raise SetupError(f"This machine has no user {SYSTEM_USER}; `make setup` makes it.") from None
    user = (f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups")
    return ["setpriv", *user, "--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override"]
