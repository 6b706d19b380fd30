"""Before the first proof everybody sees the same pages, whomever the name belongs to."""

import re

import pytest

from deploy.dev.demo.mailbox import Mailbox
from deploy.dev.demo.product import Product
from deploy.dev.demo.walker import Page, Walker, offers
from deploy.dev.lab import Lab
from tests.journeys.conftest import NewVisitor
from tests.journeys.visitor import at_rest

STRANGERS = [
    "nobody-of-that-name",
    "bob",
    "charlie",
    "mallory",
    "judy",
    "svc-keyback",
    "Administrator",
    "krbtgt",
]
NONCE = re.compile(
    r"<time .*?</time>|[0-9a-f]{32}|[A-Za-z0-9_-]{22,}|\b\w•••@[\w.•]+|[A-Z2-7]{4}-[A-Z2-7]{4}"
)


def shape(page: Page) -> str:
    """Return a page without what differs between two attempts of the same person."""
    text = re.sub(r'<label class="choice">.*?</label>|<time .*?</time>', "", page.text, flags=re.DOTALL)
    text = re.sub(r'data-(?:ends|resend)="\d+"', "", text)
    return NONCE.sub("…", " ".join(text.split()))


def begin(product: Product, name: str) -> tuple[Walker, Page]:
    walker = Walker(product.base)
    return walker, walker.fill(walker.get("/reset/"), name=name)


@pytest.mark.parametrize("name", STRANGERS)
def test_names_that_are_not_served_get_the_page_of_registered_people(
    product: Product, visitor: NewVisitor, name: str
) -> None:
    real = visitor().begin("/reset/")
    _, page = begin(product, name)
    assert page.status == real.status
    assert shape(page) == shape(real)
    assert len(offers(page.text)) >= 2


@pytest.mark.parametrize("name", STRANGERS[:4])
def test_no_code_is_right_for_a_name_that_is_not_served_and_nothing_is_sent(
    product: Product, mailbox: Mailbox, visitor: NewVisitor, name: str
) -> None:
    before = at_rest(mailbox)
    walker, page = begin(product, name)
    ways = offers(page.text)
    kind, code = ("email", "12345678") if "email" in ways else ("totp", "123456")
    refused = walker.fill(walker.fill(page, offer=ways[kind]), code=code)
    alice = visitor()
    begun = alice.begin("/reset/")
    wrong = alice.walker.fill(alice.walker.fill(begun, offer=offers(begun.text)[kind]), code=code)
    assert refused.status == wrong.status == 422
    assert shape(refused) == shape(wrong)
    at_rest(mailbox)
    assert [mail.to for mail in mailbox.messages[before:] if alice.person.mail not in mail.to] == []


def test_a_made_up_name_is_offered_the_same_ways_each_time(product: Product) -> None:
    first, second = (begin(product, "nobody-of-that-name")[1] for _ in range(2))
    hints = re.compile(r"\w•••@[\w.•]+")
    assert set(offers(first.text)) == set(offers(second.text))
    assert hints.findall(first.text) == hints.findall(second.text)


def test_an_unproven_attempt_does_not_reach_the_new_password(product: Product, lab: Lab) -> None:
    walker, page = begin(product, "bob")
    attempt = page.path.split("/")[2]
    assert not walker.get(f"/attempt/{attempt}/password/").path.endswith("/password/")
