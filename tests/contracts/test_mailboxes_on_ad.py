"""The doctor finds, counts and names unusable mail addresses in a real AD."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

import pytest

from deploy.dev.lab import Lab
from tests.contracts.conftest import adapter_settings, administrator
from writeback.cli.doctor import addresses
from writeback.directory import mailboxes as module
from writeback.directory.connection import Link
from writeback.directory.mailboxes import mailboxes
from writeback.directory.pool import Pool
from writeback.envelope.addresses import AddressFault
from writeback.envelope.findings import Level

UNUSABLE = {
    "Bob Baker <bob@mail.example>": AddressFault.SHAPE,
    "a@mail.example, b@mail.example": AddressFault.SHAPE,
    "jörg@mail.example": AddressFault.LOCAL,
    "bob@mail": AddressFault.DOMAIN,
}


@dataclass
class Unit:
    """A unit of people with these mail addresses."""

    lab: Lab
    dn: str

    def add(self, number: int, mail: str) -> None:
        name = f"m-{number}"
        values = {"sAMAccountName": name, "displayName": name} | ({"mail": mail} if mail else {})
        with administrator(self.lab) as admin:
            assert admin.add(f"CN={name},{self.dn}", ["user"], values), admin.result

    def remove(self) -> None:
        with administrator(self.lab) as admin:
            admin.search(self.dn, "(objectClass=user)", "SUBTREE", attributes=["cn"])
            for entry in [one["dn"] for one in admin.response if one["type"] == "searchResEntry"]:
                admin.delete(entry)
            admin.delete(self.dn)


@pytest.fixture
def unit(lab: Lab) -> Iterator[Unit]:
    made = Unit(lab, f"OU=Mail,OU=Outside,{lab.base_dn}")
    with administrator(lab) as admin:
        admin.add(made.dn, ["organizationalUnit"])
    yield made
    made.remove()


@contextmanager
def link_to(lab: Lab) -> Iterator[Link]:
    with (
        closing(Pool(adapter_settings(lab))) as pool,
        pool.link(pool.hosts[0], deadline=pool.deadline()) as link,
    ):
        yield link


def test_each_unusable_address_is_found_page_by_page(
    lab: Lab, unit: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", 2)
    for number, mail in enumerate([*UNUSABLE, "", "well@mail.example", "well@straße.example."]):
        unit.add(number, mail)
    with link_to(lab) as link:
        found = mailboxes(link, unit.dn, most=100)
        (finding,) = addresses.checks(link, [unit.dn])
    assert (found.people, found.without) == (7, 1)
    assert sorted(fault for _, fault in found.unusable) == sorted(UNUSABLE.values())
    assert finding.level is Level.WARNING
    assert "4 of 7 people" in finding.says
    assert f"CN=m-2,{unit.dn} (local-part-not-ascii)" in finding.says
    assert not [mail for mail in UNUSABLE if mail in finding.says]


def test_the_check_is_ok_when_all_addresses_are_usable(lab: Lab, unit: Unit) -> None:
    unit.add(1, "well@mail.example")
    unit.add(2, "")
    with link_to(lab) as link:
        (finding,) = addresses.checks(link, [unit.dn])
    assert (finding.level, finding.check) == (Level.OK, "directory.mail")
    assert finding.says.endswith(": all mail addresses of 2 people can be used; 1 have none")


def test_an_incomplete_search_is_reported(lab: Lab, unit: Unit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGE", 2)
    monkeypatch.setattr(addresses, "MOST_PEOPLE", 2)
    for number in range(3):  # a controller may return any two of them first
        unit.add(number, "well@mail.example")
    with link_to(lab) as link:
        (finding,) = addresses.checks(link, [unit.dn])
    assert "all mail addresses of the first 2 people can be used" in finding.says


def test_some_of_many_unusable_addresses_are_named(
    lab: Lab, unit: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses, "MOST_NAMED", 2)
    for number in range(3):
        unit.add(number, "nobody")
    with link_to(lab) as link:
        (finding,) = addresses.checks(link, [unit.dn])
    assert "3 of 3 people" in finding.says
    assert finding.says.endswith(" …")
