"""The two directories that must behave alike: a real AD, and the one in memory that other tests use."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID, uuid4

import pytest

from deploy.dev.lab import Lab, Person
from deploy.dev.lab.accounts import Directory as LabDirectory
from tests.fakes.descriptors import DENY_OBJECT, READ, ace, with_first
from tests.fakes.directory import BASE, DOMAIN, FakeDirectory
from writeback.clock import SystemClock
from writeback.directory.active_directory import ActiveDirectory
from writeback.directory.attributes import sid
from writeback.directory.readable import OF_LOCKOUT
from writeback.directory.settings import DirectorySettings
from writeback.envelope.secret import Secret
from writeback.ports import Account, Directory

PASSWORD = "Copper-lantern-4711"


@contextmanager
def administrator(lab: Lab) -> Iterator[Any]:
    """A connection as the domain's administrator, whose methods have no types."""
    with lab.admin() as admin:
        yield admin


class World(Protocol):
    """A directory, and the means to put people and groups into it."""

    @property
    def directory(self) -> Directory:
        """The directory itself."""
        ...

    def person(self, *, locked: bool = False, must_change: bool = False, disabled: bool = False) -> Account:
        """Add somebody whose password is PASSWORD, in one state."""
        ...

    def group(self, member: Account, *, for_mail: bool) -> str:
        """Add a group with one member, and return its DN."""
        ...

    def hide(self, account: Account, attribute: str) -> None:
        """Take the right to read one attribute of an account away from the service account."""
        ...


@dataclass
class RealWorld:
    """The lab's forest."""

    lab: Lab
    directory: ActiveDirectory
    hidden: list[str] = field(default_factory=list)

    def person(self, *, locked: bool = False, must_change: bool = False, disabled: bool = False) -> Account:
        person = self.lab.add_person(password=PASSWORD, must_change=must_change)
        if locked:
            self.lab.set_locked(person)
        if disabled:
            self._disable(person)
        return known(self.directory.read(person.guid))

    def group(self, member: Account, *, for_mail: bool) -> str:
        name = f"g-{uuid4().hex[:10]}"
        dn = f"CN={name},OU=Groups,{self.lab.base_dn}"
        kind = "2" if for_mail else "-2147483646"  # MS-ADTS 2.2.12: global, and enabled for security
        with administrator(self.lab) as admin:
            admin.add(dn, ["group"], {"sAMAccountName": name, "groupType": kind, "member": member.dn})
        return dn

    def hide(self, account: Account, attribute: str) -> None:
        with administrator(self.lab) as admin:
            schema = f"CN=Schema,CN=Configuration,{self.lab.base_dn}"
            admin.search(schema, f"(lDAPDisplayName={attribute})", attributes=["schemaIDGUID"])
            guid = UUID(bytes_le=admin.response[0]["raw_attributes"]["schemaIDGUID"][0])
            admin.search(self.lab.service_dn, "(objectClass=*)", "BASE", attributes=["objectSid"])
            service = sid(admin.response[0]["raw_attributes"]["objectSid"][0])
            directory = LabDirectory(admin)
            (before,) = directory.read(account.dn, "nTSecurityDescriptor")["nTSecurityDescriptor"]
            hidden = with_first(before, ace(DENY_OBJECT, service, READ, guid))
            directory.replace(account.dn, {"nTSecurityDescriptor": hidden})
        self.hidden.append(account.dn)

    def remove_hidden(self) -> None:
        """Remove the people with hidden attributes, because the doctor checks everybody."""
        with administrator(self.lab) as admin:
            for dn in dict.fromkeys(self.hidden):
                admin.delete(dn)

    def _disable(self, person: Person) -> None:
        with administrator(self.lab) as admin:
            admin.modify(person.dn, {"userAccountControl": [("MODIFY_REPLACE", ["514"])]})


@dataclass
class RememberedWorld:
    """The directory in memory."""

    directory: FakeDirectory
    count: int = 0

    def person(self, *, locked: bool = False, must_change: bool = False, disabled: bool = False) -> Account:
        self.count += 1
        account = self.directory.add(
            f"person{self.count}", PASSWORD, locked=locked, must_change=must_change, disabled=disabled
        )
        if must_change:
            self.directory.change_account(account.guid, pwd_last_set=0)
        return known(self.directory.read(account.guid))

    def group(self, member: Account, *, for_mail: bool) -> str:
        dn, sid = f"CN=g{self.count},OU=Groups,{BASE}", f"{DOMAIN}-{2000 + self.count}"
        self.directory.groups[dn] = sid
        if for_mail:
            self.directory.for_mail.add(dn)
        else:
            self.directory.change_account(member.guid, sids=member.sids | {sid})
        return dn

    def hide(self, account: Account, attribute: str) -> None:
        if attribute in OF_LOCKOUT:
            self.directory.hidden_lockout = True
        else:
            self.directory.change_account(account.guid, unreadable=(attribute,))


def known(account: Account | None) -> Account:
    """Return the account, which must be there."""
    assert account is not None
    return account


@pytest.fixture(scope="session")
def active_directory(lab: Lab) -> Iterator[ActiveDirectory]:
    """The adapter on the lab, as a worker has it."""
    directory = adapter(lab)
    yield directory
    directory.close()


def adapter(lab: Lab) -> ActiveDirectory:
    """Return a new adapter on the lab; the caller closes it."""
    return ActiveDirectory(adapter_settings(lab), SystemClock())


def adapter_settings(lab: Lab) -> DirectorySettings:
    """Return how a worker reaches the lab."""
    return DirectorySettings(
        id="corp",
        hosts=(f"{lab.host}@{lab.address}:{lab.port}",),
        base=lab.base_dn,
        ca_file=lab.ca_file,
        bind_dn=lab.service_dn,
        bind_password=Secret(lab.service_password),
    )


@pytest.fixture(params=[pytest.param("active-directory", marks=pytest.mark.lab), "in-memory"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "in-memory":
        yield RememberedWorld(FakeDirectory(SystemClock()))
        return
    real = RealWorld(request.getfixturevalue("lab"), request.getfixturevalue("active_directory"))
    yield real
    if real.hidden:
        real.remove_hidden()
