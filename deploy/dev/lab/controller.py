"""One Samba domain controller as a process in its own namespaces."""

import socket
import subprocess
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from deploy.dev.lab.namespace import PLACE, LabError, need_namespaces, run, start, stop
from deploy.dev.processes import SetupError, answers, hold_name, last_words, port_is_free, wait_until

PORTS = (53, 88, 135, 389, 464, 636, 3268, 3269)
CONFIGURATION = """[global]
	workgroup = {workgroup}
	realm = {realm}
	netbios name = {netbios_name}
	server role = active directory domain controller
	interfaces = {address}/8
	bind interfaces only = yes
	disable netbios = yes
	server services = rpc, ldap, cldap, kdc, drepl, kcc, dns
	prefork children = 1
	prefork children:ldap = 2
	tls certfile = {place}/tls/cert.pem
	tls keyfile = {place}/tls/key.pem
	tls cafile = {place}/tls/ca.pem
	private dir = {place}/dc/private
	state directory = {place}/dc/state
	cache directory = {place}/dc/cache
	lock directory = {place}/dc
	pid directory = /run
	ncalrpc dir = /run/ncalrpc
	winbindd socket directory = /run/winbindd
	ntp signd socket directory = /run/ntp_signd
	log file = {place}/log/samba.log
	logging = file
	max log size = 0
[sysvol]
	path = {place}/dc/state/sysvol
	read only = no
[netlogon]
	path = {place}/dc/state/sysvol/{domain}/scripts
	read only = no
"""


class TakenError(SetupError):
    """Another lab has this home folder or this address."""


@dataclass(frozen=True)
class Identity:
    """Which DC of which forest this is, and its own loopback address."""

    name: str
    realm: str
    address: str

    @property
    def domain(self) -> str:
        """The DNS name of the domain."""
        return self.realm.lower()

    @property
    def workgroup(self) -> str:
        """The NetBIOS name of the domain."""
        return self.realm.split(".")[0]

    @property
    def host(self) -> str:
        """The DNS name of this DC, as in its certificate."""
        return f"{self.name}.{self.domain}"

    @property
    def base_dn(self) -> str:
        """The distinguished name of the domain."""
        return ",".join(f"DC={part}" for part in self.domain.split("."))

    def configuration(self) -> str:
        """Return the smb.conf of this DC."""
        return CONFIGURATION.format(
            workgroup=self.workgroup,
            realm=self.realm,
            netbios_name=self.name.upper(),
            address=self.address,
            place=PLACE,
            domain=self.domain,
        )


def address_is_free(address: str) -> bool:
    """Tell whether a DC could have this address now; wait for one that was just killed.

    Raises:
        SetupError: this user can't run a DC at any address.
    """
    need_namespaces()
    held = hold_name(_name_of(address))
    if held is None:
        return False
    with held:
        return all(_becomes_free(address, port) for port in PORTS)


def _name_of(address: str) -> str:
    return f"keyback-lab/{address}"


def _becomes_free(address: str, port: int) -> bool:
    return wait_until(partial(port_is_free, address, port), seconds=3)


class Controller:
    """A DC whose whole state is one folder; it is simply killed, since the folder is thrown away."""

    def __init__(self, identity: Identity, *, root: Path, place: Path) -> None:
        """Name the folder `place` that holds or will hold the DC's state."""
        self.identity = identity
        self.root = root
        self.place = place
        self.log = place / "log" / "samba.out"
        self._process: subprocess.Popen[bytes] | None = None
        self._address: socket.socket | None = None

    def alive(self) -> bool:
        """Tell whether Samba runs."""
        return self._process is not None and self._process.poll() is None

    def tool(self, *argv: str, words: str = "") -> str:
        """Run one of Samba's programs on this DC's databases and return what it printed."""
        return run(self.root, self.place, argv, words=words)

    def start(self) -> None:
        """Start Samba and return when it accepts LDAPS connections."""
        self._take_address()
        with ExitStack() as undo:
            undo.callback(self.stop)
            self._need_ports()
            self._run()
            undo.pop_all()

    def _run(self) -> None:
        for folder in ("log", "dc/cache"):
            (self.place / folder).mkdir(parents=True, exist_ok=True)
        (self.place / "smb.conf").write_text(self.identity.configuration())
        command = ["samba", "--foreground", "--no-process-group", f"--configfile={PLACE}/smb.conf"]
        self._process = start(self.root, self.place, command, log=self.log)
        up = wait_until(self._listens_or_died, seconds=30)
        if not up or not self.alive():
            raise LabError(f"Samba did not start:\n{last_words(self.log)}")

    def stop(self) -> None:
        """End the DC; no process and no mount of it is left on return."""
        if self._process:
            stop(self._process)
            self._process = None
        if self._address:
            self._address.close()
            self._address = None

    def _listens_or_died(self) -> bool:
        return not self.alive() or all(answers(self.identity.address, port) for port in (389, 636))

    def _take_address(self) -> None:
        """Hold the address as long as this process lives, so that only one DC has it."""
        self._address = hold_name(_name_of(self.identity.address))
        if self._address is None:
            raise TakenError(f"Another lab has the address {self.identity.address}; stop it first.")

    def _need_ports(self) -> None:
        """Wait a moment for a DC that was just killed, then name a port that is taken."""
        address = self.identity.address
        for port in PORTS:
            if not _becomes_free(address, port):
                raise SetupError(f"The lab needs port {port} of {address}, which another program holds.")
