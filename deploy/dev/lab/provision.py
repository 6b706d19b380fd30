"""Makes the lab's forest once: domain, delegated rights, rules, people; the cache keeps it as a snapshot."""

import hashlib
import json
import secrets
import shutil
import time
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from deploy.dev.lab import accounts, cast
from deploy.dev.lab.certificates import Authority, write_secret
from deploy.dev.lab.connection import Address
from deploy.dev.lab.controller import Controller, Identity
from deploy.dev.lab.namespace import PLACE, LabError
from deploy.dev.lab.root import alone, root_folder
from writeback.cli import delegation, rights
from writeback.cli.delegation import on_domain, on_people, samba

DETAILS = "lab.json"
PSO = "Keyback-VIP"
MAX_AGE_DAYS = 998
"""Long, so that a cached forest does not go stale; heidi's password is older still."""
SET_PASSWORD_TIME = "local_oid:1.3.6.1.4.1.7165.4.3.20:1"
"""Samba's control for imports, which allows a `pwdLastSet` in the past."""


def snapshot(identity: Identity) -> tuple[Path, Path]:
    """Return the root to run in and the snapshot of this DC's forest; make both if they are not cached.

    A snapshot works at any address: only the DC's own DNS record keeps the original address.
    """
    root = root_folder()
    with alone(f"lab-{identity.name}-{_key(identity)}") as target:
        if not target.exists():
            partial = target.with_name(f"{target.name}.partial")
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir(mode=0o700)
            _Forest(identity, root, partial).make()
            partial.rename(target)
    return root, target


def _key(identity: Identity) -> str:
    """Return a digest of everything that the forest is made from."""
    digest = hashlib.sha256(identity.host.encode())
    granted = (Path(delegation.__file__), Path(rights.__file__))
    for source in (*sorted(Path(__file__).parent.glob("*.*")), *granted):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:12]


def _rules(*, min_length: int) -> tuple[str, ...]:
    """Return the options of samba-tool for a policy, or a PSO, of that length."""
    return (
        "--complexity=on",
        f"--min-pwd-length={min_length}",
        "--history-length=5",
        "--min-pwd-age=0",
        f"--max-pwd-age={MAX_AGE_DAYS}",
        "--account-lockout-threshold=5",
        "--account-lockout-duration=0",
    )


class _Forest:
    """Makes one forest; each method needs the ones before it in `make`."""

    def __init__(self, identity: Identity, root: Path, folder: Path) -> None:
        self.identity = identity
        self.folder = folder
        self.controller = Controller(identity, root=root, place=folder / identity.name)
        self.administrator_password = cast.new_password()
        self.service_password = secrets.token_urlsafe(24)
        self.base = identity.base_dn
        self.authority = Authority.create(folder)
        self.server = Address(identity.address, identity.host, self.authority.ca_file)
        self.pso_dn = f"CN={PSO},CN=Password Settings Container,CN=System,{self.base}"

    def make(self) -> None:
        """Make the whole forest and write down its details."""
        self._provision()
        self.controller.start()
        try:
            user = f"Administrator@{self.identity.domain}"
            with self.server.bind_as(user, self.administrator_password) as connection:
                admin = accounts.Directory(connection)
                self._add_units_and_groups(admin)
                self._add_service_account(admin)
                people = [self._add_person(admin, role) for role in cast.CAST]
                details = self._details(people, self._add_pso(admin))
                for person in people:
                    self._bring_about(admin, person)
        finally:
            self.controller.stop()
        write_secret(self.folder / DETAILS, json.dumps(details, indent=1).encode())

    def _provision(self) -> None:
        self.controller.place.mkdir()
        certify(self.controller, self.authority)
        self.controller.tool(
            *("samba-tool", "domain", "provision", "--server-role=dc", "--dns-backend=SAMBA_INTERNAL"),
            f"--realm={self.identity.realm}",
            f"--domain={self.identity.workgroup}",
            f"--host-name={self.identity.name}",
            f"--host-ip={self.identity.address}",
            f"--adminpass={self.administrator_password}",
            f"--targetdir={PLACE}/dc",
            f"--option=interfaces={self.identity.address}/8",
            "--option=bind interfaces only=yes",
        )
        self._samba_tool("domain", "passwordsettings", "set", *_rules(min_length=8))

    def _samba_tool(self, *argv: str) -> None:
        self.controller.tool("samba-tool", *argv, f"--URL={PLACE}/dc/private/sam.ldb")

    def _unit(self, name: str) -> str:
        return f"OU={name},{self.base}"

    def _group(self, name: str) -> str:
        return f"CN={name},{self._unit('Groups')}"

    def _add_units_and_groups(self, admin: accounts.Directory) -> None:
        for unit in ("Staff", "Outside", "Groups", "Services"):
            admin.add(self._unit(unit), "organizationalUnit")
        for group in (cast.HELPDESK, cast.ADMINS, cast.VIP, cast.OPERATORS):
            admin.add(self._group(group), "group", {"sAMAccountName": group})
        admin.add_member(f"CN=Domain Admins,CN=Users,{self.base}", self._group(cast.OPERATORS))

    def _add_service_account(self, admin: accounts.Directory) -> None:
        """Add the worker's account and delegate to it the rights that `writeback grant` prints, no more."""
        service = accounts.add_user(
            admin,
            self._unit("Services"),
            name=cast.SERVICE,
            domain=self.identity.domain,
            password=self.service_password,
            display_name=cast.SERVICE,
            mail="",
            flags=accounts.NORMAL | accounts.NEVER_EXPIRES,
        )
        granted = (*on_people(self._unit("Staff")), *on_domain(self.base))
        delegate(self.controller, samba(service.dn, self.base, granted, revoke=False))
        self.service_sid = _sid(admin.read(service.dn, "objectSid")["objectSid"][0])

    def _add_person(self, admin: accounts.Directory, role: cast.Role) -> cast.Person:
        return accounts.add_user(
            admin,
            self._unit(role.ou),
            name=role.name,
            domain=self.identity.domain,
            password=cast.new_password(),
            display_name=f"{role.name.title()} {role.surname}",
            mail=f"{role.name}@{self.identity.domain}",
            state=role.state,
            groups=[self._group(role.group)] if role.group else [],
            note=role.note,
        )

    def _add_pso(self, admin: accounts.Directory) -> dict[str, str]:
        """Add the rules for `vip`; return their access list, and one that hides them from the worker."""
        self._samba_tool("domain", "passwordsettings", "pso", "create", PSO, "10", *_rules(min_length=14))
        self._samba_tool("domain", "passwordsettings", "pso", "apply", PSO, cast.VIP)
        readable = self._access_list(admin)
        self._samba_tool(
            *("dsacl", "set", f"--objectdn={self.pso_dn}", f"--sddl=(D;;RPLC;;;{self.service_sid})")
        )
        hidden = self._access_list(admin)
        admin.replace(self.pso_dn, {"nTSecurityDescriptor": bytes.fromhex(readable)})
        return {"dn": self.pso_dn, "readable": readable, "unreadable": hidden}

    def _access_list(self, admin: accounts.Directory) -> str:
        return admin.read(self.pso_dn, "nTSecurityDescriptor")["nTSecurityDescriptor"][0].hex()

    def _bring_about(self, admin: accounts.Directory, person: cast.Person) -> None:
        if person.state == "locked":
            lock(self.server, admin, person.dn)
        if person.state == "expired":
            expire(self.controller, person.dn)

    def _details(self, people: list[cast.Person], pso: dict[str, str]) -> dict[str, object]:
        return {
            "administrator_password": self.administrator_password,
            "service_dn": f"CN={cast.SERVICE},{self._unit('Services')}",
            "service_password": self.service_password,
            "pso": pso,
            "people": [asdict(person) | {"guid": person.guid.hex()} for person in people],
        }


def delegate(controller: Controller, commands: Iterable[str]) -> None:
    """Run on a DC the commands that `writeback grant` prints for Samba."""
    script = "\n".join(["set -e", f"SAM={PLACE}/dc/private/sam.ldb", *commands])
    controller.tool("sh", "-c", script)


def certify(controller: Controller, authority: Authority) -> None:
    """Give a DC a certificate for its current name and address."""
    folder, identity = controller.place / "tls", controller.identity
    authority.issue(folder, names=[identity.host], addresses=[identity.address])
    shutil.copy(authority.ca_file, folder / "ca.pem")


def expire(controller: Controller, dn: str) -> None:
    """Move the last change of a password so far back that it has expired."""
    long_ago = int(time.time() - (MAX_AGE_DAYS + 200) * 86400)
    controller.tool(
        *("ldbmodify", f"--url={PLACE}/dc/private/sam.ldb", f"--controls={SET_PASSWORD_TIME}"),
        words=f"dn: {dn}\nchangetype: modify\nreplace: pwdLastSet\n"
        f"pwdLastSet: {(long_ago + 11644473600) * 10**7}\n",
    )


def lock(server: Address, admin: accounts.Directory, dn: str) -> None:
    """Sign in with wrong passwords until AD locks the account."""
    for _ in range(20):
        if admin.is_locked(dn):
            return
        server.subcode(dn, "not the password")
    raise LabError(f"{dn} does not get locked by wrong passwords: is the lockout threshold off?")


def _sid(raw: bytes) -> str:
    """Return the text form of a security identifier."""
    parts = [int.from_bytes(raw[at : at + 4], "little") for at in range(8, len(raw), 4)]
    return "-".join(["S", str(raw[0]), str(int.from_bytes(raw[2:8], "big")), *map(str, parts)])
