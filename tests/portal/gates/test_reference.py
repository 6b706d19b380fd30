"""Once there is an attempt, each of its pages carries its reference."""

import re

import pytest

from portal.audit.models import Event
from portal.gates.models import Attempt
from tests.fakes.post_box import the_box
from tests.fakes.worker import FakeWorker
from tests.portal.walk import NEW, OLD, Browser, prove, register

pytestmark = pytest.mark.slow


def shown(browser: Browser) -> str:
    found = re.findall(r'id="reference">([^<]*)<', browser.text)
    assert len(found) == 1, browser.url
    return str(found[0])


def test_each_page_of_an_attempt_carries_its_reference(worker: FakeWorker, browser: Browser) -> None:
    worker.corp.add("alice")
    seed = register(browser, worker)
    browser.get("/reset/").send({"name": "alice"})
    reference = Attempt.objects.get(operation="reset").reference
    seen = [shown(browser)]
    browser.send({"offer": browser.offer("totp")})
    seen.append(shown(browser))
    seen.append(shown(browser.send({"code": "1"})))
    browser.get(browser.url.replace("/code/", "/prove/"))
    prove(browser, worker, "email")
    prove(browser, worker, "totp", seed)
    assert browser.url.endswith("/password/")
    seen.append(shown(browser))
    seen.append(shown(browser.send({"new": NEW, "confirm": NEW})))
    assert browser.url.startswith("/result/")
    assert set(seen) == {reference}


def test_ended_and_refused_attempts_carry_their_reference(worker: FakeWorker, browser: Browser) -> None:
    browser.get("/unlock/").send({"name": "nobody"})
    Attempt.objects.update(expires="2020-01-01T00:00:00Z")
    browser.get(browser.url)
    assert (browser.status, shown(browser)) == (410, Attempt.objects.get().reference)
    worker.corp.away = True
    browser.get("/reset/").send({"name": "nobody"})
    assert browser.status == 422
    assert re.fullmatch("[A-Z2-7]{4}-[A-Z2-7]{4}", shown(browser))


def test_a_page_before_any_attempt_has_no_reference(worker: FakeWorker, browser: Browser) -> None:
    assert "Reference" not in browser.get("/reset/").text


@pytest.mark.parametrize("name", ["alice", "nobody"])
def test_the_reference_of_a_start_whose_answer_is_late_is_known_to_the_worker(
    worker: FakeWorker, browser: Browser, name: str
) -> None:
    worker.corp.add("alice")
    the_box().loses_answers = True
    reference = shown(browser.get("/reset/").send({"name": name}))
    told = [facts for event, _, facts in worker.audit.events if event == "attempt.opened"]
    assert [facts["asked_as"] for facts in told] == [reference]


CHANGE = {"name": "alice", "current": OLD, "new": NEW, "confirm": NEW}


def told_to_portal(event: str) -> list[str]:
    return [each.reference for each in Event.objects.filter(event=event)]


@pytest.mark.parametrize("name", ["alice", "nobody"])
def test_a_refused_old_password_carries_the_reference_of_its_attempt(
    worker: FakeWorker, browser: Browser, name: str
) -> None:
    worker.corp.add("alice")
    reference = shown(browser.get("/change/").send({**CHANGE, "name": name, "current": "wrong"}))
    assert told_to_portal("job.settled") == [reference]
    assert reference in {known for _, known, _ in worker.audit.events}


def test_a_refused_new_password_carries_the_reference_of_its_change(
    worker: FakeWorker, browser: Browser
) -> None:
    worker.corp.add("alice")
    browser.get("/change/").send({**CHANGE, "new": "Short-1", "confirm": "Short-1"})
    assert told_to_portal("job.settled") == [shown(browser)]


@pytest.mark.parametrize("name", ["alice", "nobody"])
def test_a_refused_sign_in_carries_a_reference_that_both_audits_know(
    worker: FakeWorker, browser: Browser, name: str
) -> None:
    worker.corp.add("alice")
    reference = shown(browser.get("/register/sign-in/").send({"name": name, "password": "wrong"}))
    assert told_to_portal("sign-in.refused") == [reference]
    assert [known for event, known, _ in worker.audit.events if event == "signin"] == [reference]


def test_who_has_to_change_first_takes_the_reference_of_the_sign_in_along(
    worker: FakeWorker, browser: Browser
) -> None:
    worker.corp.add("alice", must_change=True)
    browser.get("/register/sign-in/").send({"name": "alice", "password": OLD})
    assert browser.url == "/change/"
    assert told_to_portal("sign-in.refused") == [shown(browser)]


@pytest.mark.parametrize("page", ["/change/", "/register/sign-in/"])
def test_a_sign_in_or_change_whose_answer_is_late_carries_a_reference_that_the_worker_knows(
    worker: FakeWorker, browser: Browser, page: str
) -> None:
    worker.corp.add("alice")
    browser.get(page)
    the_box().loses_answers = True
    reference = shown(browser.send({**CHANGE, "password": OLD}))
    told = [facts["asked_as"] for event, _, facts in worker.audit.events if event == "attempt.opened"]
    assert told == [reference]


def test_refusals_to_somebody_who_is_signed_in_carry_the_reference_of_the_sign_in(
    worker: FakeWorker, browser: Browser
) -> None:
    worker.corp.add("alice")
    seed = register(browser, worker)
    browser.get("/register/").send({"name": "alice", "password": OLD})
    reference = Attempt.objects.latest("pk").reference
    prove(browser, worker, "totp", seed)
    browser.post("/register/add/email/", {"source": "other", "address": "alice@nowhere"})
    assert (browser.status, shown(browser)) == (422, reference)
    the_box().loses_answers = True
    assert shown(browser.get("/register/")) == reference
    assert browser.status == 503
