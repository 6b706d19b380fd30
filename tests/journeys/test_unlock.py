"""A locked account is unlocked without a new password."""

from deploy.dev.lab import Lab
from tests.journeys.conftest import NewVisitor
from tests.journeys.visitor import words


def test_an_unlock_keeps_the_password(visitor: NewVisitor, lab: Lab) -> None:
    frank = visitor()
    lab.set_locked(frank.person)
    assert lab.bind(frank.person.dn, frank.person.password) == "775"
    page = frank.prove(frank.begin("/unlock/"), "totp")
    while page.path.endswith("/prove/"):
        page = frank.prove(page, "email")
    page = frank.wait(frank.walker.submit(page, page.forms[0]))
    assert "unlocked" in words(page).lower()
    assert lab.bind(frank.person.dn, frank.person.password) is None


def test_an_unlock_of_an_open_account_says_that_it_is_not_locked(visitor: NewVisitor) -> None:
    grace = visitor()
    page = grace.prove(grace.begin("/unlock/"), "totp")
    while page.path.endswith("/prove/"):
        page = grace.prove(page, "email")
    page = grace.wait(grace.walker.submit(page, page.forms[0]))
    assert "Your account isn't locked" in words(page)
