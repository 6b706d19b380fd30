"""Where nobody can be told, and the site does nothing then, the pages say so, and only after proof."""

import html
from dataclasses import replace

import pytest

from portal.dispatch.outcomes import SENTENCES
from tests.fakes.directory import Person
from tests.fakes.loop import LoopWorker
from tests.portal.walk import NEW, OLD, Browser, prove
from writeback.envelope.answers import Outcome, Unreachable
from writeback.proof import RegisterContext, SqlRegister

SAYS = str(SENTENCES[Outcome.UNREACHABLE])


@pytest.fixture
def strict(worker: LoopWorker) -> None:
    """A site that does nothing for people whom nobody can tell."""
    site = worker.site
    rules = replace(site.ceiling.notify, unreachable=Unreachable.REFUSE, channels=("ad:mail",))
    ceiling = replace(site.ceiling, notify=rules)
    site.register = SqlRegister(
        RegisterContext(state=site.state, keys=site.keys, clock=site.clock, ceiling=ceiling)
    )


def test_a_first_way_is_not_added_and_the_page_says_why(
    worker: LoopWorker, browser: Browser, strict: None
) -> None:
    worker.directory.add("bob", mail="")
    browser.get("/register/").send({"name": "bob", "password": OLD})
    for way, fields in (("totp", {}), ("email", {"source": "other", "address": "bob@home.example"})):
        browser.post(f"/register/add/{way}/", fields)
        assert SAYS in read(browser), way
        assert browser.status == 422


def read(browser: Browser) -> str:
    return " ".join(html.unescape(browser.text).split())


@pytest.fixture
def told_nowhere(worker: LoopWorker, alice: Person, strict: None) -> Person:
    """Alice, whose address in the directory is gone, at a site that tells people at that one only."""
    worker.directory.change_account(alice.account.guid, mail="", locked=True)
    return alice


def test_a_reset_says_why_after_proof(
    worker: LoopWorker, browser: Browser, seed: str, told_nowhere: Person
) -> None:
    browser.get("/reset/").send({"name": "alice"})
    prove(browser, worker, "email")
    prove(browser, worker, "totp", seed)
    browser.send({"new": NEW, "confirm": NEW})
    assert SAYS in read(browser)
    assert "Nothing was changed" in read(browser)
    assert told_nowhere.password == OLD


def test_a_change_says_why_with_the_right_password_only(
    worker: LoopWorker, browser: Browser, told_nowhere: Person
) -> None:
    worker.directory.change_account(told_nowhere.account.guid, locked=False)
    fields = {"name": "alice", "new": NEW, "confirm": NEW}
    browser.get("/change/").send({**fields, "current": "Wrong-one-41"})
    assert SAYS not in read(browser)
    browser.get("/change/").send({**fields, "current": OLD})
    assert SAYS in read(browser)
    assert told_nowhere.password == OLD
