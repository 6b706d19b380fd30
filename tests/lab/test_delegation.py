"""The service account can do what was delegated to it, and nothing else."""

from collections.abc import Iterator
from typing import Any

import ldap3
import pytest

from deploy.dev.lab import Lab, Person
from deploy.dev.lab.accounts import quote_password
from deploy.dev.lab.connection import Address

NEW = "Teal-harbour-7731"
OK, CONSTRAINT, NO_RIGHT, UNWILLING = 0, 19, 50, 53
PSO = "CN=Keyback-VIP,CN=Password Settings Container,CN=System"


@pytest.fixture(scope="module")
def service(lab: Lab) -> Iterator[Any]:
    """A connection as the service account, whose refusals are results."""
    server = Address(lab.address, lab.host, lab.ca_file)
    with server.bind_as(lab.service_dn, lab.service_password) as connection:
        connection.raise_exceptions = False
        yield connection


def set_value(service: Any, dn: str, attribute: str, value: str | bytes) -> int:
    service.modify(dn, {attribute: [(ldap3.MODIFY_REPLACE, [value])]})
    return int(service.result["result"])


def reset(service: Any, person: Person, password: str = NEW) -> int:
    return set_value(service, person.dn, "unicodePwd", quote_password(password))


def change(service: Any, person: Person, old: str, new: str = NEW) -> int:
    changes = [(ldap3.MODIFY_DELETE, [quote_password(old)]), (ldap3.MODIFY_ADD, [quote_password(new)])]
    service.modify(person.dn, {"unicodePwd": changes})
    return int(service.result["result"])


def test_a_password_set_by_the_service_account_is_valid_at_once(lab: Lab, service: Any) -> None:
    person = lab.add_person()
    assert reset(service, person) == OK
    assert lab.bind(person.dn, NEW) is None


def test_the_previous_password_still_binds_and_the_one_before_it_does_not(lab: Lab, service: Any) -> None:
    """Like Windows, Samba takes the previous password in a bind for an hour (OldPasswordAllowedPeriod)."""
    person = lab.add_person()
    assert reset(service, person) == OK
    assert lab.bind(person.dn, person.password) is None
    assert reset(service, person, "Teal-harbour-7732") == OK
    assert lab.bind(person.dn, NEW) is None
    assert lab.bind(person.dn, person.password) == "52e"


def test_the_service_account_changes_a_password_only_with_the_old_one(lab: Lab, service: Any) -> None:
    person = lab.add_person(must_change=True)
    assert change(service, person, "Wrong-password-1") == CONSTRAINT
    assert change(service, person, person.password) == OK
    assert lab.bind(person.dn, NEW) is None


def test_the_service_account_unlocks(lab: Lab, service: Any) -> None:
    person = lab.add_person()
    lab.set_locked(person)
    assert lab.bind(person.dn, person.password) == "775"
    assert set_value(service, person.dn, "lockoutTime", "0") == OK
    assert lab.bind(person.dn, person.password) is None


def test_the_service_account_resets_and_unlocks_in_one_modify(lab: Lab, service: Any) -> None:
    person = lab.add_person()
    lab.set_locked(person)
    both = {"unicodePwd": quote_password(NEW), "lockoutTime": "0"}
    service.modify(person.dn, {name: [(ldap3.MODIFY_REPLACE, [value])] for name, value in both.items()})
    assert service.result["result"] == OK
    assert lab.bind(person.dn, NEW) is None


def test_the_service_account_can_set_and_clear_must_change(lab: Lab, service: Any) -> None:
    person = lab.add_person()
    assert set_value(service, person.dn, "pwdLastSet", "0") == OK
    assert lab.bind(person.dn, person.password) == "773"
    assert set_value(service, person.dn, "pwdLastSet", "-1") == OK
    assert lab.bind(person.dn, person.password) is None


def test_the_service_account_resets_and_unlocks_nobody_outside_staff(lab: Lab, service: Any) -> None:
    charlie = lab.people["charlie"]
    assert reset(service, charlie) == NO_RIGHT
    assert set_value(service, charlie.dn, "lockoutTime", "0") == NO_RIGHT
    assert lab.bind(charlie.dn, charlie.password) is None


@pytest.mark.parametrize(
    "attribute",
    ["description", "mail", "userAccountControl", "displayName", "userPrincipalName", "servicePrincipalName"],
)
def test_the_service_account_writes_no_other_attribute(lab: Lab, service: Any, attribute: str) -> None:
    assert set_value(service, lab.people["alice"].dn, attribute, "512") == NO_RIGHT


def test_the_service_account_adds_moves_and_deletes_nothing(lab: Lab, service: Any) -> None:
    alice = lab.people["alice"]
    service.add(f"CN=Intruder,OU=Staff,{lab.base_dn}", ["user"], {"sAMAccountName": "intruder"})
    assert service.result["result"] == NO_RIGHT
    service.delete(alice.dn)
    assert service.result["result"] == NO_RIGHT
    service.modify_dn(alice.dn, alice.dn.split(",")[0], new_superior=f"OU=Outside,{lab.base_dn}")
    assert service.result["result"] == NO_RIGHT
    service.modify(f"CN=vip,OU=Groups,{lab.base_dn}", {"member": [(ldap3.MODIFY_ADD, [alice.dn])]})
    assert service.result["result"] == NO_RIGHT


def test_the_service_account_resets_no_administrator(lab: Lab, service: Any) -> None:
    administrator = f"CN=Administrator,CN=Users,{lab.base_dn}"
    assert set_value(service, administrator, "unicodePwd", quote_password(NEW)) == NO_RIGHT


def test_ad_itself_does_not_protect_mallory_in_the_lab(lab: Lab, service: Any) -> None:
    """Samba has no SDProp, so here AD itself does not protect admins in Staff."""
    allowed = lab.read(lab.people["mallory"], "adminCount")
    assert allowed == {"adminCount": []}
    service.search(
        lab.people["mallory"].dn, "(objectClass=*)", ldap3.BASE, attributes=["allowedAttributesEffective"]
    )
    writable = service.response[0]["raw_attributes"]["allowedAttributesEffective"]
    assert {b"lockoutTime", b"pwdLastSet"} <= set(writable)


def test_the_service_account_reads_the_vip_rules_until_the_right_is_removed(lab: Lab, service: Any) -> None:
    def minimum() -> list[bytes]:
        service.search(
            f"{PSO},{lab.base_dn}", "(objectClass=*)", ldap3.BASE, attributes=["msDS-MinimumPasswordLength"]
        )
        entries = [entry for entry in service.response or [] if entry["type"] == "searchResEntry"]
        return [
            value
            for entry in entries
            for value in entry["raw_attributes"].get("msDS-MinimumPasswordLength", [])
        ]

    assert minimum() == [b"14"]
    lab.pso_readable(False)
    assert minimum() == []
    lab.pso_readable(True)
    assert minimum() == [b"14"]


def test_people_of_the_vip_group_need_longer_passwords(lab: Lab, service: Any) -> None:
    vip = lab.add_person(groups=["vip"])
    assert reset(service, vip, "Teal-pier-731") == UNWILLING
    assert reset(service, lab.add_person(), "Teal-pier-731") == OK
    assert reset(service, vip) == OK
