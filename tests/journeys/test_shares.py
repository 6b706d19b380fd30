"""Junk names from a few addresses, against the real worker with its limits of production."""

from collections.abc import Iterator

import pytest

from deploy.dev.demo.mailbox import Mailbox
from deploy.dev.demo.product import Product
from deploy.dev.demo.walker import Page, Walker
from deploy.dev.lab import Lab
from tests.journeys.visitor import words
from tests.portal.throttle.solving import answer_to
from tests.redis_of_tests import running_redis

# Starts and wrong passwords as in production; the sum is quick, so that 61 of them don't take long.
SETTINGS = {"KEYBACK_FLOOR_MS": "0", "KEYBACK_PROXIES": "1", "KEYBACK_CHALLENGE_ROUNDS": "1"}
NEWER = "Autumn-meadow-4711"


@pytest.fixture(scope="module")
def strict(lab: Lab, mailbox: Mailbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Portal and worker with no limit of their own but production's, behind a proxy that names addresses."""
    with running_redis(tmp_path_factory) as redis:
        home = tmp_path_factory.mktemp("strict")
        made = Product(home, lab=lab, redis=redis, mailbox=mailbox, limits="", environment=SETTINGS)
        made.start()
        yield made
        made.stop()


def at(product: Product, address: str) -> Walker:
    """Return a browser without a cookie at an address."""
    return Walker(product.base, headers={"X-Forwarded-For": address})


def fill(walker: Walker, path: str, **typed: str) -> Page:
    page = walker.get(path)
    return walker.fill(page, **typed, solution=answer_to(page.text))


@pytest.mark.redis
def test_61_junk_names_from_three_addresses_leave_a_fourth_address_open(strict: Product, lab: Lab) -> None:
    person = lab.add_person()
    for number in range(61):
        junk = at(strict, f"192.0.2.{number % 3 + 1}")
        fill(junk, "/register/sign-in/", name=f"junk{number}", password="wrong")
    page = fill(at(strict, "192.0.2.4"), "/register/sign-in/", name=person.name, password=person.password)
    assert page.path != "/register/sign-in/", words(page)
    typed = {"name": person.name, "current": person.password, "new": NEWER, "confirm": NEWER}
    walker = at(strict, "192.0.2.5")
    page = fill(walker, "/change/", **typed)
    assert page.path.startswith("/result/"), words(page)
    assert lab.bind(person.dn, NEWER) is None
