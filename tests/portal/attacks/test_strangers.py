"""Who exists can be told neither by words nor by time."""

import math
import time
from collections.abc import Callable
from threading import Thread

import pytest
from django.db import connection
from django.test import Client
from pytest_django.fixtures import Settings

from portal.gates.models import Attempt
from tests.fakes.directory import FakeDirectory, Person
from tests.fakes.loop import LoopBroker, LoopWorker
from tests.portal.walk import NEW, OLD, Browser
from writeback.envelope.answers import Outcome
from writeback.envelope.secret import Secret
from writeback.ports import Account, Preimage, Written

SLOW, FLOOR, SAMPLES = 0.03, 0.12, 9  # seconds, seconds, of each kind


class SlowDirectory(FakeDirectory):
    """A directory that takes its time over those whom it knows."""

    def find(self, name: str) -> Account | None:
        account = super().find(name)
        time.sleep(SLOW if account else 0)
        return account

    def check_password(self, account: Account, password: Secret) -> Outcome:
        time.sleep(SLOW)
        return super().check_password(account, password)

    def change_password(self, account: Account, old: Secret, new: Secret, *, at: Preimage) -> Written:
        time.sleep(SLOW)
        return super().change_password(account, old, new, at=at)


def separable(one: list[float], other: list[float]) -> bool:
    """Tell whether two samples differ (Mann-Whitney U, normal approximation, p < 0.001 on both sides)."""
    wins = sum((a > b) + (a == b) / 2 for a in one for b in other)
    pairs, count = len(one) * len(other), len(one) + len(other)
    return abs(wins - pairs / 2) / math.sqrt(pairs * (count + 1) / 12) > 3.29


def reset(browser: Browser, name: str) -> None:
    browser.get("/reset/").send({"name": name})


def sign_in(browser: Browser, name: str) -> None:
    browser.get("/register/sign-in/").send({"name": name, "password": "wrong"})


def change(browser: Browser, name: str) -> None:
    browser.get("/change/").send({"name": name, "current": "wrong", "new": NEW, "confirm": NEW})


@pytest.mark.parametrize("verb", [reset, sign_in, change])
@pytest.mark.parametrize("floor", [FLOOR, 0.0])
def test_time_tells_nobody_apart_above_the_floor(
    worker: LoopWorker, settings: Settings, verb: Callable[[Browser, str], None], floor: float
) -> None:
    settings.KEYBACK_FLOOR = floor
    slow = SlowDirectory(clock=worker.clock)
    worker.site.directories = {"corp": slow}
    times: dict[str, list[float]] = {"person": [], "nobody": []}
    for number in range(SAMPLES):
        slow.add(f"person{number}")
        for who, taken in times.items():
            began = time.perf_counter()
            verb(Browser(Client()), f"{who}{number}")
            taken.append(time.perf_counter() - began)
    assert separable(*times.values()) is (floor == 0.0)


@pytest.mark.parametrize("verb", [sign_in, change])
@pytest.mark.parametrize("threshold", [2, 3, 4, 5, 0])
def test_no_threshold_of_the_directory_tells_a_stranger_who_is_real(
    worker: LoopWorker, browser: Browser, verb: Callable[[Browser, str], None], threshold: int
) -> None:
    worker.directory.threshold = threshold
    worker.directory.add("bob")
    worker.directory.add("frank", locked=True)
    told: dict[str, list[tuple[int, str]]] = {"bob": [], "frank": [], "nobody": []}
    for name, said in told.items():
        for _ in range(5):
            verb(browser, name)
            said.append((browser.status, browser.complaint()))
    assert told["bob"] == told["frank"] == told["nobody"]


@pytest.mark.race
def test_fifty_at_once_who_ask_for_a_code_get_one_mail(
    worker: LoopWorker, browser: Browser, alice: Person
) -> None:
    browser.get("/reset/").send({"name": "alice"})
    page = browser.url
    handle = browser.offer("email")
    worker.clock.ahead += 2
    worker.notes()
    statuses: list[int] = []

    def ask() -> None:
        other = browser.copy()
        other.post(page, {"offer": handle})
        statuses.append(other.send().status if other.url.endswith("/code/") else other.status)
        connection.close()

    threads = [Thread(target=ask) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([note for note in worker.notes() if "code" in note.parameters]) == 1
    assert max(statuses) < 500


def test_the_gates_of_one_are_no_good_for_another(
    worker: LoopWorker, browser: Browser, alice: Person
) -> None:
    worker.directory.add("bob")
    browser.get("/reset/").send({"name": "alice"})
    hers = browser.offer("totp")
    browser.get("/reset/").send({"name": "bob"})
    browser.send({"offer": hers, "name": "alice", "attempt": "alice", "user": "alice"})
    assert browser.status == 422
    assert "Choose one of these." in browser.complaint()
    assert Attempt.objects.get(state=Attempt.State.OPEN, operation="reset").name == "bob"
    assert alice.password == OLD


def test_one_browser_cannot_use_up_what_the_workers_take(
    worker: LoopWorker, browser: Browser, alice: Person
) -> None:
    for name in ("alice", "alice@corp.example"):
        browser.get("/reset/").send({"name": name})
        page, mail, app = browser.url, browser.offer("email"), browser.offer("totp")
        before = len(LoopBroker.jobs)
        for _ in range(30):
            browser.post(page, {"offer": mail})
        browser.post(page, {"offer": app})
        for number in range(30):
            browser.post(page.replace("/prove/", "/code/"), {"code": f"{number:06}"})
        assert len(LoopBroker.jobs) - before <= 12 + 5
