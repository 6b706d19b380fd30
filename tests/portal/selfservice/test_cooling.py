"""A way that was set up an hour ago is told truthfully: on the page, in the mail, and at the gates."""

import re
from dataclasses import replace
from datetime import datetime

import pytest

from tests.fakes.worker import FakeWorker, open_ceiling
from tests.portal.walk import OLD, Browser, register
from writeback.ceiling import Ceiling, Limits

LATELY = "Set up less than a day ago?"


@pytest.fixture
def ceiling() -> Ceiling:
    """The product's own wait for new ways."""
    return replace(open_ceiling(), limits=Limits())


def test_page_and_mail_say_from_when_a_new_way_counts_and_why(worker: FakeWorker, browser: Browser) -> None:
    worker.corp.add("alice")
    register(browser, worker)
    told = [note.parameters for note in worker.mails() if note.kind == "notice-factor-added"]
    assert int(told[-1]["usable"]) == int(told[-1]["at"]) + Limits().new_factor_cooldown
    page = browser.get("/register/").send({"name": "alice", "password": OLD}).get("/register/").text
    assert "notice--good" not in page
    assert "You're set" not in page
    said = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "Set up, but not ready yet. You can reset your password yourself with these from" in said
    assert "A new way has to wait, so that you have time to tell us" in said
    whole, *ways = [
        datetime.fromisoformat(found) for found in re.findall(r'datetime="([^"]+)" data-moment="time"', page)
    ]
    assert len(ways) == 2
    assert whole == max(ways)
    assert abs(whole.timestamp() - int(told[-1]["usable"])) <= 1


def test_before_proof_the_note_on_new_ways_is_the_same_for_everybody(
    worker: FakeWorker, browser: Browser
) -> None:
    worker.corp.add("alice")
    register(browser, worker)
    for name in ("alice", "nobody"):
        browser.get("/reset/").send({"name": name})
        assert browser.text.count(LATELY) == 1
        browser.send({"offer": browser.offer("totp")})
        assert browser.text.count(LATELY) == 1
    browser.get("/register/").send({"name": "alice", "password": OLD})
    assert browser.url.endswith("/prove/")
    assert LATELY not in browser.text
