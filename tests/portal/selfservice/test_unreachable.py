"""Where nobody can be told, and the site does nothing then, the pages say so, and only after proof."""

import html
from dataclasses import replace

import pytest

from portal.dispatch.outcomes import SENTENCES
from tests.fakes.directory import Person
from tests.fakes.worker import FakeWorker
from tests.portal.walk import NEW, OLD, Browser, prove
from writeback.envelope.answers import Outcome, Unreachable
from writeback.proof import SqlRegister

SAYS = str(SENTENCES[Outcome.UNREACHABLE])


@pytest.fixture
def strict(worker: FakeWorker) -> None:
    """A site that does nothing for people whom nobody can tell."""
    rules = replace(worker.ceiling.notify, unreachable=Unreachable.REFUSE, channels=("ad:mail",))
    ceiling = replace(worker.ceiling, notify=rules)
    worker.site.register = SqlRegister(replace(worker.context, ceiling=ceiling))


def test_a_first_way_is_not_added_and_the_page_says_why(
    worker: FakeWorker, browser: Browser, strict: None
) -> None:
    worker.corp.add("bob", mail="")
    browser.get("/register/").send({"name": "bob", "password": OLD})
    for way, fields in (("totp", {}), ("email", {"source": "other", "address": "bob@home.example"})):
        browser.post(f"/register/add/{way}/", fields)
        assert SAYS in read(browser), way
        assert browser.status == 422


def read(browser: Browser) -> str:
    return " ".join(html.unescape(browser.text).split())


@pytest.fixture
def told_nowhere(worker: FakeWorker, alice: Person, strict: None) -> Person:
    """Alice, whose address in the directory is gone, at a site that tells people at that one only."""
    worker.corp.change_account(alice.account.guid, mail="", locked=True)
    return alice


def test_a_reset_says_why_after_proof(
    worker: FakeWorker, browser: Browser, seed: str, told_nowhere: Person
) -> None:
    browser.get("/reset/").send({"name": "alice"})
    prove(browser, worker, "email")
    prove(browser, worker, "totp", seed)
    browser.send({"new": NEW, "confirm": NEW})
    assert SAYS in read(browser)
    assert "Nothing was changed" in read(browser)
    assert told_nowhere.password == OLD


def test_a_change_says_why_with_the_right_password_only(
    worker: FakeWorker, browser: Browser, told_nowhere: Person
) -> None:
    worker.corp.change_account(told_nowhere.account.guid, locked=False)
    fields = {"name": "alice", "new": NEW, "confirm": NEW}
    browser.get("/change/").send({**fields, "current": "Wrong-one-41"})
    assert SAYS not in read(browser)
    browser.get("/change/").send({**fields, "current": OLD})
    assert SAYS in read(browser)
    assert told_nowhere.password == OLD
