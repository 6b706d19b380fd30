"""The standing accounts have the names, states and groups that the lab promises, as AD shows them."""

import pytest

from deploy.dev.lab import Lab
from deploy.dev.lab.accounts import Directory

EVERYBODY = ["alice", "bob", "charlie", "dora", "erin", "frank", "grace", "heidi", "ivan", "judy", "mallory"]
IN_CHAIN = "1.2.840.113556.1.4.1941"


def test_the_lab_has_all_standing_people(lab: Lab) -> None:
    assert list(lab.people) == EVERYBODY


@pytest.mark.parametrize("name", ["alice", "bob", "charlie", "dora", "erin", "ivan", "mallory"])
def test_active_people_sign_in_by_upn_and_by_dn(lab: Lab, name: str) -> None:
    person = lab.people[name]
    assert lab.bind(f"{name}@corp.example", person.password) is None
    assert lab.bind(person.dn, person.password) is None


@pytest.mark.parametrize(
    ("name", "code"), [("frank", "775"), ("grace", "773"), ("heidi", "532"), ("judy", "533")]
)
def test_other_people_fail_to_bind_with_the_code_of_their_state(lab: Lab, name: str, code: str) -> None:
    assert lab.bind(f"{name}@corp.example", lab.people[name].password) == code


@pytest.mark.parametrize("name", ["grace", "heidi", "judy"])
def test_a_wrong_password_says_nothing_about_the_state(lab: Lab, name: str) -> None:
    assert lab.bind(f"{name}@corp.example", "wrong") == "52e"


def test_frank_is_locked(lab: Lab) -> None:
    read = lab.read(lab.people["frank"], "lockoutTime", "msDS-User-Account-Control-Computed")
    assert int(read["lockoutTime"][0]) > 0
    assert int(read["msDS-User-Account-Control-Computed"][0]) & 0x10


@pytest.mark.parametrize("name", EVERYBODY)
def test_people_have_their_names_addresses_and_guids(lab: Lab, name: str) -> None:
    person = lab.people[name]
    attributes = lab.read(person, "sAMAccountName", "userPrincipalName", "mail", "displayName", "objectGUID")
    assert attributes == {
        "sAMAccountName": [name.encode()],
        "userPrincipalName": [f"{name}@corp.example".encode()],
        "mail": [person.mail.encode()],
        "displayName": [person.display_name.encode()],
        "objectGUID": [person.guid],
    }


def test_only_charlie_is_outside_staff(lab: Lab) -> None:
    outside = [
        name for name, person in lab.people.items() if not person.dn.endswith(f"OU=Staff,{lab.base_dn}")
    ]
    assert outside == ["charlie"]


@pytest.mark.parametrize(
    ("name", "group"), [("dora", "Keyback-Helpdesk"), ("erin", "Keyback-Admins"), ("ivan", "vip")]
)
def test_people_are_in_their_groups(lab: Lab, name: str, group: str) -> None:
    assert lab.read(lab.people[name], "memberOf")["memberOf"] == [
        f"CN={group},OU=Groups,{lab.base_dn}".encode()
    ]


def test_mallory_is_a_domain_admin_only_through_another_group(lab: Lab) -> None:
    admins = f"CN=Domain Admins,CN=Users,{lab.base_dn}"
    mallory = lab.people["mallory"]
    assert admins.encode() not in lab.read(mallory, "memberOf")["memberOf"]
    with lab.admin() as admin:
        assert admin.search(mallory.dn, f"(memberOf:{IN_CHAIN}:={admins})")


def test_ivan_has_a_password_policy_of_his_own(lab: Lab) -> None:
    effective = lab.read(lab.people["ivan"], "msDS-ResultantPSO")["msDS-ResultantPSO"]
    assert effective == [f"CN=Keyback-VIP,CN=Password Settings Container,CN=System,{lab.base_dn}".encode()]
    assert lab.read(lab.people["alice"], "msDS-ResultantPSO")["msDS-ResultantPSO"] == []


def test_the_domain_policy_has_the_values_of_the_lab(lab: Lab) -> None:
    names = ("minPwdLength", "pwdHistoryLength", "minPwdAge", "lockoutThreshold", "pwdProperties")
    with lab.admin() as admin:
        read = Directory(admin).read(lab.base_dn, *names)
    assert {name: int(values[0]) for name, values in read.items()} == {
        "minPwdLength": 8,
        "pwdHistoryLength": 5,
        "minPwdAge": 0,
        "lockoutThreshold": 5,
        "pwdProperties": 1,
    }


def test_policy_hints_are_offered(lab: Lab) -> None:
    with lab.admin() as admin:
        offered = Directory(admin).read("", "supportedControl")["supportedControl"]
    assert {b"1.2.840.113556.1.4.2239", b"1.2.840.113556.1.4.2066"} <= set(offered)
