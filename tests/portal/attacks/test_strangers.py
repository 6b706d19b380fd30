"""Who exists can be told neither by words nor by time."""

import time
from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from portal.gates.models import Attempt
from tests.fakes.directory import Person
from tests.fakes.post_box import the_box
from tests.fakes.worker import FakeWorker
from tests.portal.at_once import at_once
from tests.portal.walk import NEW, OLD, Browser

pytestmark = pytest.mark.slow

FLOOR = 0.5  # seconds: longer than any of these takes


def reset(browser: Browser, name: str) -> None:
    browser.get("/reset/").send({"name": name})


def sign_in(browser: Browser, name: str) -> None:
    browser.get("/register/sign-in/").send({"name": name, "password": "wrong"})


def change(browser: Browser, name: str) -> None:
    browser.get("/change/").send({"name": name, "current": "wrong", "new": NEW, "confirm": NEW})


@pytest.mark.parametrize("verb", [reset, sign_in, change])
def test_no_answer_that_could_tell_people_apart_leaves_before_the_floor(
    worker: FakeWorker, settings: Settings, verb: Callable[[Browser, str], None]
) -> None:
    settings.KEYBACK_FLOOR = FLOOR
    worker.corp.add("person")
    for who in ("person", "nobody"):
        began = time.perf_counter()
        verb(Browser(Client()), who)
        assert time.perf_counter() - began >= FLOOR


@pytest.mark.parametrize("verb", [sign_in, change])
@pytest.mark.parametrize("threshold", [2, 3, 4, 5, 0])
def test_no_lockout_threshold_tells_a_stranger_who_exists(
    worker: FakeWorker, browser: Browser, verb: Callable[[Browser, str], None], threshold: int
) -> None:
    worker.corp.threshold = threshold
    worker.corp.add("bob")
    worker.corp.add("frank", locked=True)
    told: dict[str, list[tuple[int, str]]] = {"bob": [], "frank": [], "nobody": []}
    for name, said in told.items():
        for _ in range(5):
            verb(browser, name)
            said.append((browser.status, browser.complaint()))
    assert told["bob"] == told["frank"] == told["nobody"]


@pytest.mark.race
def test_fifty_simultaneous_requests_for_a_code_send_one_mail(
    worker: FakeWorker, browser: Browser, alice: Person
) -> None:
    browser.get("/reset/").send({"name": "alice"})
    page = browser.url
    handle = browser.offer("email")
    worker.clock.move(2)
    worker.mails()
    statuses: list[int] = []

    def ask() -> None:
        other = browser.copy()
        other.post(page, {"offer": handle})
        statuses.append(other.send().status if other.url.endswith("/code/") else other.status)

    at_once(ask, times=50)
    assert len(statuses) == 50
    assert len([note for note in worker.mails() if "code" in note.parameters]) == 1
    assert max(statuses) < 500


def test_gates_passed_by_one_person_do_not_count_for_another(
    worker: FakeWorker, browser: Browser, alice: Person
) -> None:
    worker.corp.add("bob")
    browser.get("/reset/").send({"name": "alice"})
    hers = browser.offer("totp")
    browser.get("/reset/").send({"name": "bob"})
    browser.send({"offer": hers, "name": "alice", "attempt": "alice", "user": "alice"})
    assert browser.status == 422
    assert "Choose one of these." in browser.complaint()
    assert Attempt.objects.get(state=Attempt.State.OPEN, operation="reset").name == "bob"
    assert alice.password == OLD


def test_one_browser_cannot_use_up_the_capacity_of_the_workers(
    worker: FakeWorker, browser: Browser, alice: Person
) -> None:
    for name in ("alice", "alice@corp.example"):
        browser.get("/reset/").send({"name": name})
        page, mail, app = browser.url, browser.offer("email"), browser.offer("totp")
        before = len(the_box().sent)
        for _ in range(30):
            browser.post(page, {"offer": mail})
        browser.post(page, {"offer": app})
        for number in range(30):
            browser.post(page.replace("/prove/", "/code/"), {"code": f"{number:06}"})
        assert len(the_box().sent) - before <= 12 + 12
