"""Two forests behind one site: namesakes, a UPN suffix that both have, and one of them down."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest

from deploy.dev.demo.configuration import NO_WAITING
from deploy.dev.demo.mailbox import Mailbox
from deploy.dev.demo.product import Product
from deploy.dev.demo.redis import RedisServer
from deploy.dev.lab import Lab, Person
from deploy.dev.lab.accounts import Directory
from deploy.dev.processes import wait_until
from tests.conftest import home_of
from tests.journeys.rig import DONE, LIMITS
from tests.journeys.visitor import Visitor, words
from tests.redis_of_tests import running_redis
from writeback.cli.main import main

NEW = "Quiet-harbour-4410"
AWAY = "People of eu: we can't reach your directory right now."


@pytest.fixture(scope="module")
def eu(seat: int) -> Iterator[Lab]:
    """The forest EU.EXAMPLE."""
    made = Lab(home_of("eu", seat), f"127.0.21.{seat}", realm="EU.EXAMPLE")
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis for these tests alone: the other journeys have a worker of the same name."""
    with running_redis(tmp_path_factory) as server:
        yield server


@pytest.fixture(scope="module")
def both(
    lab: Lab,
    eu: Lab,
    redis_server: RedisServer,
    mailbox: Mailbox,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Product]:
    """The product with a worker that serves both forests."""
    home = tmp_path_factory.mktemp("forests")
    made = Product(
        home,
        lab=lab,
        redis=redis_server,
        mailbox=mailbox,
        limits=LIMITS,
        environment=NO_WAITING,
        others=(eu,),
    )
    made.start()
    yield made
    made.stop()


def add_namesakes(lab: Lab, eu: Lab) -> tuple[Person, Person]:
    """Add an account of the same name to each forest."""
    name = f"n-{uuid.uuid4().hex[:10]}"
    return lab.add_person(name), eu.add_person(name)


def visitor(product: Product, person: Person, mailbox: Mailbox, *, typed: str) -> Visitor:
    """Return somebody who has registered under the name that they type."""
    made = Visitor(product.base, replace(person, name=typed), mailbox)
    made.register()
    return made


def verdicts(product: Product, event: str) -> list[dict[str, str]]:
    """Return the facts of an event in the worker's audit, oldest first."""
    lines = (product.files.home / "audit.jsonl").read_text().splitlines()
    return [line["facts"] for line in map(json.loads, lines) if line["event"] == event]


def command(product: Product, name: str, *words: str) -> int:
    """Run a command of `writeback` with the worker's settings, and return its exit status."""
    return main([name, "--config", str(product.configuration), *words])


def test_namesakes_of_two_forests_reset_their_own_password(
    both: Product, lab: Lab, eu: Lab, mailbox: Mailbox
) -> None:
    here, there = add_namesakes(lab, eu)
    person = visitor(both, there, mailbox, typed=rf"EU\{there.name}")
    page = person.set_password(person.to_new_password(), NEW)
    assert DONE in words(page)
    assert eu.bind(there.dn, NEW) is None
    assert lab.bind(here.dn, here.password) is None
    assert lab.bind(here.dn, NEW) == "52e"


def test_name_without_a_domain_means_no_namesake(both: Product, lab: Lab, eu: Lab, mailbox: Mailbox) -> None:
    here, there = add_namesakes(lab, eu)
    person = visitor(both, here, mailbox, typed=f"{here.name}@corp.example")
    page = person.begin("/reset/", name=here.name)
    assert page.path.endswith("/prove/")
    opened = verdicts(both, "attempt.opened")[-1]
    assert (opened["account"], opened["verdict"]) == ("", "ambiguous")
    assert verdicts(both, "account.ambiguous")[-1]["dns"] == f"{here.dn} | {there.dn}"


def test_same_upn_in_two_forests_means_nobody(both: Product, lab: Lab, eu: Lab, mailbox: Mailbox) -> None:
    here, there = lab.add_person(), eu.add_person()
    upn = f"{here.name}@shared.example"
    for forest, person in ((lab, here), (eu, there)):
        with forest.admin() as admin:
            Directory(admin).replace(person.dn, {"userPrincipalName": upn})
    Visitor(both.base, here, mailbox).begin("/reset/", name=upn)
    assert verdicts(both, "attempt.opened")[-1]["verdict"] == "ambiguous"


def test_explain_and_revoke_look_in_both_forests(
    both: Product, lab: Lab, eu: Lab, capsys: pytest.CaptureFixture[str]
) -> None:
    _, there = add_namesakes(lab, eu)
    only = eu.add_person()
    assert command(both, "explain", only.name) == 0
    assert command(both, "explain", there.name) == 1
    assert "Several directories have an account of that name" in capsys.readouterr().out
    assert command(both, "revoke", "--account", there.name) == 2
    assert f'"{there.name}" is an account in corp and in eu' in capsys.readouterr().err
    assert command(both, "revoke", "--account", there.name, "--directory", "eu") == 0


def test_one_forest_is_served_while_the_other_is_down(
    both: Product, lab: Lab, eu: Lab, mailbox: Mailbox
) -> None:
    here, there = lab.add_person(), eu.add_person()
    person = visitor(both, here, mailbox, typed=here.name)
    eu.stop()
    try:
        told = wait_until(lambda: AWAY in words(person.walker.get("/reset/")), seconds=60)
        assert told
        page = person.set_password(person.to_new_password(), NEW)
        assert DONE in words(page)
        assert lab.bind(here.dn, NEW) is None
        refused = Visitor(both.base, there, mailbox).begin("/reset/", name=f"{there.name}@eu.example")
        assert "can't be reached now" in words(refused)
    finally:
        eu.start()
