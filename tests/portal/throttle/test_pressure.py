"""Under pressure a stranger solves a sum or waits before there is a place; what was typed is not lost."""

import time

import pytest
from pytest_django.fixtures import Settings

from portal.throttle.challenge import make_challenge
from tests.fakes.post_box import the_box
from tests.fakes.worker import FakeWorker
from tests.portal.throttle.conftest import At
from tests.portal.throttle.solving import is_challenged, solution
from tests.portal.throttle.test_shares import try_password
from tests.portal.walk import NEW, OLD, Browser

pytestmark = pytest.mark.slow

WAIT = 30


@pytest.fixture
def pressed(worker: FakeWorker, small: Settings, at: At) -> At:
    """Half of what 192.0.2.1 may begin is begun."""
    for number in range(10):
        at("192.0.2.1").get("/reset/").send({"name": f"junk{number}"})
    return at


def test_a_page_opened_under_pressure_holds_the_challenge(pressed: At) -> None:
    browser = pressed("192.0.2.1").get("/reset/")
    assert is_challenged(browser)
    assert browser.status == 200
    assert browser.send({"name": "alice"} | solution(browser)).url.endswith("/prove/")
    assert not is_challenged(pressed("192.0.2.2").get("/reset/"))


def test_without_an_answer_the_page_comes_back_with_the_name_and_goes_on_by_itself(pressed: At) -> None:
    browser = pressed("192.0.2.1").get("/reset/")
    jobs = len(the_box().sent)
    browser.send({"name": "alice"})
    assert (browser.status, browser.response["Retry-After"]) == (429, str(WAIT))
    assert 'value="alice"' in browser.text
    assert "data-goes-on" in browser.text
    assert browser.complaint() == ""
    assert len(the_box().sent) == jobs
    assert browser.send({"name": "alice"} | solution(browser)).url.endswith("/prove/")


def test_a_solved_sum_is_good_for_one_place_and_one_browser(pressed: At) -> None:
    browser, other = pressed("192.0.2.1").get("/reset/"), pressed("192.0.2.1").get("/reset/")
    solved = solution(browser)
    assert other.send({"name": "alice"} | solved).status == 429
    assert browser.send({"name": "alice"} | solved).url.endswith("/prove/")
    assert browser.get("/reset/").send({"name": "alice"} | solved).status == 429
    assert is_challenged(browser)


@pytest.mark.parametrize("page", ["/register/sign-in/", "/change/"])
def test_a_password_is_never_kept_and_is_asked_for_again_in_words(
    worker: FakeWorker, small: Settings, at: At, page: str
) -> None:
    for number in range(8):
        try_password(at("192.0.2.1"), page, f"junk{number}")
    browser = at("192.0.2.1").get(page)
    secret = "Canary-77-rain"
    browser.send({"name": "alice", "password": secret, "current": secret, "new": NEW, "confirm": NEW})
    assert browser.status == 429
    assert 'value="alice"' in browser.text
    assert secret not in browser.text
    assert "Type your password once more" in browser.complaint()
    assert "data-goes-on" not in browser.text


def test_a_known_browser_gets_no_challenge(worker: FakeWorker, small: Settings, at: At) -> None:
    worker.corp.add("alice")
    hers = try_password(at("192.0.2.1"), "/register/sign-in/", "alice", OLD)
    for number in range(10):
        at("192.0.2.1").get("/reset/").send({"name": f"junk{number}"})
    assert not is_challenged(hers.get("/reset/"))
    assert hers.send({"name": "alice"}).url.endswith("/prove/")


def waited(browser: Browser, seconds: float) -> dict[str, str]:
    """Return the field of a challenge that this browser got so many seconds ago."""
    mine = browser.client.cookies["__Host-keyback-browser"].value.partition(":")[0]
    return {"challenge": make_challenge(mine, pressure=0, now=time.time() - seconds).token, "solution": ""}


def test_without_script_a_wait_is_enough_and_early_tries_do_not_extend_it(pressed: At) -> None:
    browser = pressed("192.0.2.1").get("/reset/")
    early = waited(browser, WAIT - 12)
    browser.send({"name": "alice"} | early)
    assert browser.status == 429
    assert browser.complaint() == "That was too soon. Wait 12 seconds."
    assert browser.hidden("challenge") == early["challenge"]
    assert browser.send({"name": "alice"} | waited(browser, WAIT)).url.endswith("/prove/")


def test_waiting_without_script_gives_only_a_few_places(
    worker: FakeWorker, small: Settings, pressed: At
) -> None:
    small.KEYBACK_STARTS = 100
    for number in range(40):
        pressed("192.0.2.1").get("/reset/").send({"name": f"n{number}"})
    came = []
    for _ in range(9):
        browser = pressed("192.0.2.1").get("/reset/")
        came.append(browser.send({"name": "n"} | waited(browser, WAIT)).status)
    assert came.count(200) == 6
