"""Whose password is younger than the minimum age: told from when there can be another one."""

from dataclasses import replace

from portal.gates.models import Attempt
from portal.web.local_times import to_minute
from tests.fakes.directory import Person
from tests.fakes.worker import FakeWorker
from tests.portal.walk import NEW, OLD, Browser, prove
from writeback.ports.filetime import filetime


def test_a_too_young_password_is_shown_before_a_new_one_is_typed(
    browser: Browser, worker: FakeWorker, alice: Person, seed: str
) -> None:
    browser.get("/reset/").send({"name": "alice"})
    prove(browser, worker, "email")
    prove(browser, worker, "totp", seed)
    worker.corp.rules = replace(worker.corp.rules, min_age=86400)
    now = worker.clock.now()
    worker.corp.change_account(alice.account.guid, pwd_last_set=filetime(now - 3600))
    browser.get(browser.url)
    assert f"You can set another one from {to_minute(now + 82800)}." in browser.text
    assert "nothing counts against you" in browser.text
    assert Attempt.objects.get(operation="reset").reference in browser.text
    assert 'name="new"' not in browser.text
    worker.corp.change_account(alice.account.guid, pwd_last_set=1)
    browser.get(browser.url).send({"new": NEW, "confirm": NEW})
    assert alice.password == NEW


def test_a_recent_change_shows_from_when_another_is_possible(worker: FakeWorker, browser: Browser) -> None:
    bob = worker.corp.people[worker.corp.add("bob").guid]
    worker.corp.rules = replace(worker.corp.rules, min_age=86400)
    now = worker.clock.now()
    worker.corp.change_account(bob.account.guid, pwd_last_set=filetime(now - 3600))
    assert "Your last one is at least 1 day old" in browser.get("/change/").text
    browser.send({"name": "bob", "current": OLD, "new": NEW, "confirm": NEW})
    assert browser.status == 422
    assert f"You can set another one from {to_minute(now + 82800)}." in browser.complaint()
    assert 'value="bob"' in browser.text
    assert worker.corp.writes == []
