"""Passwords that the directory refuses: how many may still be tried is said before the end comes."""

import re
from dataclasses import replace

import pytest

from portal.gates.models import Attempt
from tests.fakes.directory import Person
from tests.fakes.worker import FakeWorker
from tests.portal.walk import NEW, OLD, Browser, prove
from writeback.ceiling import Rate
from writeback.journal import SqlJournal

SHORT = {"new": "Short-1", "confirm": "Short-1"}
RULE = "Use at least 8 characters. This one has 7."
LAST = "This password was refused, and no other one can be tried for now. Nothing was changed."


@pytest.fixture
def at_password(worker: FakeWorker, browser: Browser, alice: Person, seed: str) -> Browser:
    """Alice's browser, where a new password is asked for."""
    browser.get("/reset/").send({"name": "alice"})
    prove(browser, worker, "email")
    prove(browser, worker, "totp", seed)
    return browser


def test_the_last_two_tries_are_announced(at_password: Browser) -> None:
    page = at_password.url
    said = [at_password.post(page, SHORT).complaint() for _ in range(4)]
    assert said == [RULE, RULE, f"{RULE} You have 2 tries left.", f"{RULE} You have 1 try left."]
    at_password.post(page, SHORT)
    assert at_password.url.startswith("/result/")
    assert LAST in at_password.text
    assert RULE in at_password.text
    assert "Wait 60 minutes." in at_password.text
    assert "its time has run out" not in at_password.text


def test_no_page_with_a_wait_says_try_again(at_password: Browser, alice: Person) -> None:
    page = at_password.url
    for _ in range(5):
        at_password.post(page, SHORT)
    buttons = re.findall(r'<a class="(?:button|link)" href="([^"]*)"', at_password.text)
    assert buttons == ["/"]
    assert "If you need it sooner, call the helpdesk." in at_password.text
    at_password.post(page, {"new": NEW, "confirm": NEW})
    assert (at_password.url.startswith("/result/"), LAST in at_password.text) == (True, True)
    assert alice.password == OLD


def test_a_person_who_may_begin_again_at_once_is_led_there(at_password: Browser, worker: FakeWorker) -> None:
    ceiling = worker.site.ceiling
    limits = replace(ceiling.limits, per_user=(Rate(count=50, seconds=3600),))
    looser = replace(ceiling, limits=limits)
    worker.site.journal = SqlJournal(worker.state, worker.keys, worker.clock, looser)
    page = at_password.url
    for _ in range(5):
        at_password.post(page, SHORT)
    assert LAST.replace("for now", "in this attempt") in at_password.text
    assert re.search(r'<a class="button" href="/reset/">\s*Start again', at_password.text)
    assert "Wait" not in at_password.text
    assert Attempt.objects.get(operation="reset").state == Attempt.State.NOT_DONE


def test_a_change_announces_the_last_tries_too(worker: FakeWorker, browser: Browser) -> None:
    worker.corp.add("bob")
    fields = {"name": "bob", "current": OLD, **SHORT}
    said = [browser.get("/change/").send(fields).complaint() for _ in range(4)]
    assert said == [RULE, RULE, f"{RULE} You have 2 tries left.", f"{RULE} You have 1 try left."]
    browser.get("/change/").send(fields)
    assert (browser.url.startswith("/result/"), LAST in browser.text) == (True, True)
