"""The lab as tests and the demo use it: a real Active Directory forest on its own loopback address."""

import fcntl
import json
import shutil
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TextIO

import ldap3

from deploy.dev.lab import accounts, cast
from deploy.dev.lab.certificates import Authority
from deploy.dev.lab.connection import LDAPS, Address
from deploy.dev.lab.controller import Controller, Identity, TakenError
from deploy.dev.lab.namespace import LabError
from deploy.dev.lab.provision import DETAILS, certify, delegate, expire, lock, snapshot


class Lab:
    """One forest with one DC; each start is fresh from the snapshot.

    It ends when the thread that started it ends, in whatever way, and leaves only its home folder behind.
    """

    port = LDAPS

    def __init__(self, home: Path, address: str, *, name: str = "dc1", realm: str = "CORP.EXAMPLE") -> None:
        """Name the folder that the lab may use, and the loopback address that its DC listens on."""
        self.home = home.resolve()
        self.identity = Identity(name, realm, address)
        self.address = address
        self.host = self.identity.host
        self.base_dn = self.identity.base_dn
        self.people: dict[str, cast.Person] = {}
        self.service_dn = ""
        self.service_password = ""
        self.ca_file = self.home / "ca.pem"
        self._details: dict[str, Any] = {}
        self._controller: Controller | None = None
        self._lock: TextIO | None = None

    def start(self) -> None:
        """Start the forest from its snapshot and return when it answers over LDAPS; do nothing if it runs."""
        if self._controller:
            return
        root, source = snapshot(self.identity)
        with ExitStack() as undo:
            undo.callback(self.stop)
            self._take_home()
            place = self.home / self.identity.name
            shutil.rmtree(place, ignore_errors=True)
            shutil.copytree(source, self.home, dirs_exist_ok=True, symlinks=True, ignore=_sockets)
            self._read_details()
            self._controller = Controller(self.identity, root=root, place=place)
            certify(self._controller, self.authority)
            self._controller.start()
            with self._server.bind_as(self.service_dn, self.service_password):
                pass
            undo.pop_all()

    def stop(self) -> None:
        """End the DC and release the home folder; do nothing if it does not run."""
        if self._controller:
            self._controller.stop()
            self._controller = None
        if self._lock:
            self._lock.close()
            self._lock = None

    def alive(self) -> bool:
        """Tell whether the DC runs."""
        return self._controller is not None and self._controller.alive()

    @property
    def authority(self) -> Authority:
        """The lab's own certificate authority, for other servers of the same test or demo."""
        return Authority(self.ca_file, self.home / "ca.key")

    @contextmanager
    def admin(self) -> Iterator[ldap3.Connection]:
        """Open a connection as the domain's administrator; refused operations raise."""
        user = f"Administrator@{self.identity.domain}"
        with self._server.bind_as(user, self._details["administrator_password"]) as connection:
            yield connection

    def bind(self, dn_or_upn: str, password: str) -> str | None:
        """Sign in as anybody would; return None on success, else AD's own code, such as `52e`."""
        return self._server.subcode(dn_or_upn, password)

    def add_person(
        self,
        name: str | None = None,
        *,
        ou: str = "Staff",
        groups: Sequence[str] = (),
        mail: str | None = None,
        must_change: bool = False,
        password: str | None = None,
        display_name: str | None = None,
    ) -> cast.Person:
        """Add a fresh account; groups are named by sAMAccountName, and `mail=""` means no address."""
        name = name or f"p-{uuid.uuid4().hex[:10]}"
        with self._directory() as directory:
            return accounts.add_user(
                directory,
                f"OU={ou},{self.base_dn}",
                name=name,
                domain=self.identity.domain,
                password=cast.new_password() if password is None else password,
                display_name=display_name or f"{name.title()} Person",
                mail=f"{name}@{self.identity.domain}" if mail is None else mail,
                state="must change" if must_change else "active",
                groups=[self._dn(directory, group) for group in groups],
            )

    def read(self, person: cast.Person, *attributes: str) -> dict[str, list[bytes]]:
        """Return raw values of an account as the administrator sees them."""
        with self._directory() as directory:
            return directory.read(f"<GUID={uuid.UUID(bytes_le=person.guid)}>", *attributes)

    def set_locked(self, person: cast.Person) -> None:
        """Lock an account with wrong passwords, as in real life."""
        with self._directory() as directory:
            lock(self._server, directory, person.dn)

    def set_expired(self, person: cast.Person) -> None:
        """Make an account's password expire, as if it had been set long ago.

        Raises:
            LabError: the forest is not running.
        """
        if self._controller is None:
            raise LabError(f"{self.host} is not running.")
        expire(self._controller, person.dn)

    def set_unlocked(self, person: cast.Person) -> None:
        """Unlock an account as the administrator."""
        with self._directory() as directory:
            directory.replace(person.dn, {"lockoutTime": "0"})

    def set_policy(
        self,
        *,
        min_length: int | None = None,
        history: int | None = None,
        min_age_days: int | None = None,
        lockout_threshold: int | None = None,
        complexity: bool | None = None,
    ) -> None:
        """Change the domain's password policy until the lab is started again."""
        wanted = {
            "minPwdLength": min_length,
            "pwdHistoryLength": history,
            "minPwdAge": None if min_age_days is None else -min_age_days * accounts.DAY,
            "lockoutThreshold": lockout_threshold,
            "pwdProperties": None if complexity is None else int(complexity),
        }
        changes = {name: str(value) for name, value in wanted.items() if value is not None}
        with self._directory() as directory:
            directory.replace(self.base_dn, changes)

    def pso_readable(self, readable: bool) -> None:
        """Grant or revoke at once the service account's right to read the rules for `vip`."""
        pso = self._details["pso"]
        descriptor = bytes.fromhex(pso["readable" if readable else "unreadable"])
        with self._directory() as directory:
            directory.replace(pso["dn"], {"nTSecurityDescriptor": descriptor})

    def run_as_root(self, commands: Iterable[str]) -> None:
        """Run the commands that `writeback grant` prints for Samba.

        Raises:
            LabError: the forest is not running, or a command failed.
        """
        if self._controller is None:
            raise LabError(f"{self.host} is not running.")
        delegate(self._controller, commands)

    @contextmanager
    def harden(self) -> Iterator[None]:
        """Empty the group Pre-Windows 2000 Compatible Access for a while; new connections notice it."""
        group = f"CN=Pre-Windows 2000 Compatible Access,CN=Builtin,{self.base_dn}"
        with self._directory() as directory:
            members = [value.decode() for value in directory.read(group, "member")["member"]]
            for member in members:
                directory.remove_member(group, member)
            try:
                yield
            finally:
                for member in members:
                    directory.add_member(group, member)

    @property
    def _server(self) -> Address:
        return Address(self.address, self.host, self.ca_file)

    @contextmanager
    def _directory(self) -> Iterator[accounts.Directory]:
        with self.admin() as connection:
            yield accounts.Directory(connection)

    def _dn(self, directory: accounts.Directory, group: str) -> str:
        found = directory.find(self.base_dn, group)
        if not found:
            raise LabError(f"The lab has no group {group}.")
        return found

    def _take_home(self) -> None:
        """Hold the home folder as long as this process lives."""
        self.home.mkdir(parents=True, exist_ok=True)
        held = (self.home / "lab.lock").open("w")
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            held.close()
            raise TakenError(f"Another lab runs in {self.home}; stop it, or use another folder.") from None
        self._lock = held

    def _read_details(self) -> None:
        self._details = json.loads((self.home / DETAILS).read_text())
        self.service_dn = self._details["service_dn"]
        self.service_password = self._details["service_password"]
        self.people = {
            raw["name"]: cast.Person(**raw | {"guid": bytes.fromhex(raw["guid"])})
            for raw in self._details["people"]
        }


def _sockets(folder: str, names: list[str]) -> set[str]:
    """Return the names of sockets, which a copy leaves out: a killed Samba leaves them behind."""
    return {name for name in names if (Path(folder) / name).is_socket()}
