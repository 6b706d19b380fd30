"""Once there is an attempt, each of its pages carries its reference."""

import re

import pytest

from portal.gates.models import Attempt
from tests.fakes.loop import LoopBroker, LoopWorker
from tests.portal.walk import NEW, Browser, prove, register


def shown(browser: Browser) -> str:
    found = re.findall(r'id="reference">([^<]*)<', browser.text)
    assert len(found) == 1, browser.url
    return str(found[0])


def test_each_page_of_an_attempt_carries_its_reference(worker: LoopWorker, browser: Browser) -> None:
    worker.directory.add("alice")
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


def test_ended_and_refused_attempts_carry_their_reference(worker: LoopWorker, browser: Browser) -> None:
    browser.get("/unlock/").send({"name": "nobody"})
    Attempt.objects.update(expires="2020-01-01T00:00:00Z")
    browser.get(browser.url)
    assert (browser.status, shown(browser)) == (410, Attempt.objects.get().reference)
    worker.directory.away = True
    browser.get("/reset/").send({"name": "nobody"})
    assert browser.status == 422
    assert re.fullmatch("[A-Z2-7]{4}-[A-Z2-7]{4}", shown(browser))


def test_a_page_before_any_attempt_has_none(worker: LoopWorker, browser: Browser) -> None:
    assert "Reference" not in browser.get("/reset/").text


@pytest.mark.parametrize("name", ["alice", "nobody"])
def test_the_reference_of_a_start_whose_answer_is_late_is_known_to_the_worker(
    worker: LoopWorker, browser: Browser, name: str
) -> None:
    worker.directory.add("alice")
    LoopBroker.loses = True
    reference = shown(browser.get("/reset/").send({"name": name}))
    told = [facts for event, _, facts in worker.audit.events if event == "attempt.opened"]
    assert [facts["asked_as"] for facts in told] == [reference]
