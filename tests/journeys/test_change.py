"""A password changed with the old one as proof; this serves must-change and expired passwords too."""

import pytest

from deploy.dev.demo.mailbox import Mailbox
from deploy.dev.lab import Lab
from tests.journeys.conftest import NewVisitor
from tests.journeys.visitor import Visitor, words

NEW = "Quiet-harbour-5521"


def change(somebody: Visitor, old: str, new: str) -> str:
    page = somebody.walker.get("/change/")
    page = somebody.walker.fill(page, name=somebody.person.name, current=old, new=new, confirm=new)
    return words(somebody.wait(page))


def test_the_old_password_alone_allows_a_change(visitor: NewVisitor, lab: Lab, mailbox: Mailbox) -> None:
    bob, before = visitor(registered=False), mailbox.count
    assert "Your new password is set." in change(bob, bob.person.password, NEW)
    assert lab.bind(bob.person.dn, NEW) is None
    assert mailbox.wait_for(to=bob.person.mail, after=before).subject


def test_a_password_that_must_be_changed_can_be_changed(visitor: NewVisitor, lab: Lab) -> None:
    grace = visitor(registered=False, must_change=True)
    assert lab.bind(grace.person.dn, grace.person.password) == "773"
    assert "Your new password is set." in change(grace, grace.person.password, NEW)
    assert lab.bind(grace.person.dn, NEW) is None


def test_an_expired_password_can_be_changed(visitor: NewVisitor, lab: Lab) -> None:
    heidi = visitor(registered=False)
    lab.set_expired(heidi.person)
    assert lab.bind(heidi.person.dn, heidi.person.password) == "532"
    assert "Your new password is set." in change(heidi, heidi.person.password, NEW)
    assert lab.bind(heidi.person.dn, NEW) is None


@pytest.mark.parametrize("must_change", [True, False], ids=["must change", "usual"])
def test_a_wrong_old_password_changes_nothing(visitor: NewVisitor, lab: Lab, must_change: bool) -> None:
    bob = visitor(registered=False, must_change=must_change)
    before = lab.read(bob.person, "pwdLastSet")
    assert "Your new password is set." not in change(bob, "Wrong-lantern-1", NEW)
    assert lab.read(bob.person, "pwdLastSet") == before


def test_wrong_old_passwords_never_lock_the_account(visitor: NewVisitor, lab: Lab) -> None:
    bob = visitor(registered=False)
    for _ in range(8):
        change(bob, "Wrong-lantern-1", NEW)
    assert lab.bind(bob.person.dn, bob.person.password) is None


def test_the_rule_is_reported_only_after_the_right_old_password(visitor: NewVisitor) -> None:
    ivan = visitor(registered=False, groups=("vip",))
    assert "14" not in change(ivan, "Wrong-lantern-1", "Short-one-11")
    assert "Use at least 14 characters. This one has 12." in change(
        ivan, ivan.person.password, "Short-one-11"
    )


def test_the_sign_in_leads_a_person_who_must_change_to_the_change(visitor: NewVisitor) -> None:
    grace = visitor(registered=False, must_change=True)
    page = grace.walker.fill(
        grace.walker.get("/register/sign-in/"), name=grace.person.name, password=grace.person.password
    )
    assert page.path == "/change/"
