"""What tests do with the lab: fresh people, locks, other policies, passwords byte for byte."""

import pytest

from deploy.dev.lab import Lab, LabError


def test_a_fresh_person_signs_in(lab: Lab) -> None:
    person = lab.add_person()
    assert lab.bind(f"{person.name}@corp.example", person.password) is None
    assert lab.read(person, "objectGUID")["objectGUID"] == [person.guid]


def test_a_fresh_person_has_the_requested_attributes(lab: Lab) -> None:
    person = lab.add_person(
        "quinn",
        ou="Outside",
        groups=["vip", "Keyback-Helpdesk"],
        mail="",
        must_change=True,
        password="Reed-Bank-55-Reed",
        display_name="Quinn Quill",
    )
    assert person.dn == f"CN=Quinn Quill,OU=Outside,{lab.base_dn}"
    assert len(lab.read(person, "memberOf")["memberOf"]) == 2
    assert lab.read(person, "mail")["mail"] == []
    assert lab.bind("quinn@corp.example", "Reed-Bank-55-Reed") == "773"


def test_an_unknown_group_is_reported(lab: Lab) -> None:
    with pytest.raises(LabError, match="no group nowhere"):
        lab.add_person(groups=["nowhere"])


@pytest.mark.parametrize(
    "password", ["Ünïcode-Pässwort-1", " outer blanks 1A ", "ﬁ-ligature-Ⅳ-1A", "emoji-😀-Key-1"]
)
def test_passwords_are_compared_exactly(lab: Lab, password: str) -> None:
    person = lab.add_person(password=password)
    assert lab.bind(person.dn, password) is None
    assert lab.bind(person.dn, password.strip().replace("ﬁ", "fi").replace("ü", "u\u0308") + "x") == "52e"


def test_ligatures_in_passwords_are_not_folded(lab: Lab) -> None:
    person = lab.add_person(password="ﬁrst-Password-1")
    assert lab.bind(person.dn, "first-Password-1") == "52e"


def test_set_unlocked_removes_a_lock(lab: Lab) -> None:
    person = lab.add_person()
    lab.set_locked(person)
    lab.set_unlocked(person)
    assert lab.bind(person.dn, person.password) is None


def test_set_locked_locks_the_account(lab: Lab) -> None:
    person = lab.add_person()
    lab.set_locked(person)
    assert lab.bind(person.dn, person.password) == "775"


def test_set_policy_changes_the_minimum_length(lab: Lab) -> None:
    lab.set_policy(min_length=20)
    try:
        with pytest.raises(Exception, match="0000052D"):
            lab.add_person(password="Sixteen-Letters1")
    finally:
        lab.set_policy(min_length=8)
    assert lab.add_person(password="Sixteen-Letters1").name
