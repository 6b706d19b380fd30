"""A forgotten password, through all eight steps of the road."""

import pytest

from deploy.dev.demo.mailbox import Mailbox
from deploy.dev.demo.product import Product
from deploy.dev.demo.walker import offers
from deploy.dev.lab import Lab
from tests.journeys.conftest import NewVisitor
from tests.journeys.visitor import Visitor, words

NEW = "Quiet-harbour-5521"


def test_a_person_who_registers_can_reset_and_sign_in_with_the_new_password(
    visitor: NewVisitor, lab: Lab, mailbox: Mailbox
) -> None:
    bob = visitor()
    page = bob.begin("/reset/")
    assert set(offers(page.text)) == {"email", "totp", "backup_codes"}
    page = bob.prove(page, "email")
    assert "email" not in offers(page.text)
    page = bob.prove(page, "backup_codes")
    assert page.path.endswith("/password/")
    before = mailbox.count
    page = bob.set_password(page, NEW)
    assert "Your new password is set." in words(page)
    assert lab.bind(bob.person.dn, NEW) is None
    assert "password" in mailbox.wait_for(to=bob.person.mail, after=before).subject.lower()


def test_a_refused_password_names_the_rule_and_costs_no_proof(visitor: NewVisitor, lab: Lab) -> None:
    carol = visitor()
    page = carol.to_new_password()
    page = carol.walker.fill(page, new="Ab1-xyz", confirm="Ab1-xyz")
    assert page.status == 422
    assert "Use at least 8 characters. This one has 7." in words(page)
    page = carol.set_password(page, NEW)
    assert "Your new password is set." in words(page)
    assert lab.bind(carol.person.dn, NEW) is None


def test_the_current_password_is_refused_as_used_before(visitor: NewVisitor, lab: Lab) -> None:
    dan = visitor()
    page = dan.to_new_password()
    page = dan.walker.fill(page, new=dan.person.password, confirm=dan.person.password)
    assert page.status == 422
    assert "not one" in words(page).lower() or "used before" in words(page).lower()
    assert lab.bind(dan.person.dn, dan.person.password) is None


def test_a_group_with_a_longer_minimum_sees_its_own_rule(visitor: NewVisitor, lab: Lab) -> None:
    ivan = visitor(groups=("vip",))
    page = ivan.to_new_password()
    assert "14" in words(page)
    page = ivan.walker.fill(page, new="Short-one-11", confirm="Short-one-11")
    assert "Use at least 14 characters. This one has 12." in words(page)


def test_a_reset_unlocks_a_locked_account(visitor: NewVisitor, lab: Lab) -> None:
    frank = visitor()
    lab.set_locked(frank.person)
    page = frank.set_password(frank.to_new_password(), NEW)
    assert "unlocked" in words(page).lower()
    assert lab.bind(frank.person.dn, NEW) is None


@pytest.fixture(scope="module")
def erin(product: Product, lab: Lab, mailbox: Mailbox) -> Visitor:
    """Somebody who resets her password again and again."""
    somebody = Visitor(product.base, lab.add_person(), mailbox)
    somebody.register()
    return somebody


@pytest.mark.parametrize(
    "new",
    [
        "  outer blanks 7 K ",
        'quote\'d "Both" 9',
        '"; $(id) %PATH% K9',
        "emoji 🔑🦊 Key 9",
        "combining e\u0301 Key 9",
        "A1-" + "x" * 124,
        "A1-" + "x" * 125,
    ],
    ids=["blanks", "quotes", "shell", "emoji", "combining", "127", "128"],
)
def test_a_password_reaches_the_directory_exactly(erin: Visitor, lab: Lab, new: str) -> None:
    page = erin.set_password(erin.to_new_password(), new)
    assert "Your new password is set." in words(page)
    assert lab.bind(erin.person.dn, new) is None


@pytest.mark.parametrize("new", ["A1-" + "x" * 126, "nul\0inside-A1"], ids=["129", "nul"])
def test_a_password_that_ad_cannot_hold_is_refused_by_the_portal(erin: Visitor, lab: Lab, new: str) -> None:
    before = lab.read(erin.person, "pwdLastSet")
    page = erin.walker.fill(erin.to_new_password(), new=new, confirm=new)
    assert page.status == 422
    assert lab.read(erin.person, "pwdLastSet") == before
