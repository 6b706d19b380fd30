"""The two directories that must behave alike: a real AD, and the one in memory that other tests use."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import pytest

from deploy.lab import Lab, Person
from tests.fakes.directory import FakeDirectory
from writeback.clock import SystemClock
from writeback.directory.active_directory import ActiveDirectory
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
    """A directory, and the hand that puts people into it."""

    @property
    def directory(self) -> Directory:
        """The directory itself."""
        ...

    def person(self, *, locked: bool = False, must_change: bool = False, disabled: bool = False) -> Account:
        """Add somebody whose password is PASSWORD, in one state."""
        ...


@dataclass
class RealWorld:
    """The lab's forest."""

    lab: Lab
    directory: ActiveDirectory

    def person(self, *, locked: bool = False, must_change: bool = False, disabled: bool = False) -> Account:
        person = self.lab.add_person(password=PASSWORD, must_change=must_change)
        if locked:
            self.lab.set_locked(person)
        if disabled:
            self._disable(person)
        return known(self.directory.read(person.guid))

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


def known(account: Account | None) -> Account:
    """Return an account that is there."""
    assert account is not None
    return account


@pytest.fixture(scope="session")
def active_directory(lab: Lab) -> Iterator[ActiveDirectory]:
    """The adapter on the lab, as a worker has it."""
    directory = adapter(lab)
    yield directory
    directory.close()


def adapter(lab: Lab) -> ActiveDirectory:
    """Return a new adapter on the lab; who asks for it closes it."""
    settings = DirectorySettings(
        id="corp",
        hosts=(f"{lab.host}@{lab.address}:{lab.port}",),
        base=lab.base_dn,
        ca_file=lab.ca_file,
        bind_dn=lab.service_dn,
        bind_password=Secret(lab.service_password),
    )
    return ActiveDirectory(settings, SystemClock())


@pytest.fixture(params=["active-directory", "in-memory"])
def world(request: pytest.FixtureRequest) -> World:
    if request.param == "in-memory":
        return RememberedWorld(FakeDirectory(SystemClock()))
    return RealWorld(request.getfixturevalue("lab"), request.getfixturevalue("active_directory"))
