"""A way that takes no more tries is marked and not led back to; where all are used up, the attempt ends."""

import re
from dataclasses import replace

import pytest
from django.test import Client, RequestFactory

from portal.gates.models import Attempt
from portal.gates.rules import Step
from portal.gates.session import lead_onward
from tests.fakes.worker import FakeWorker
from tests.portal.walk import Browser, prove, register, shape, totp

pytestmark = pytest.mark.slow

CLOSED = "Takes no more tries for now. Wait 15 minutes."
PAPER = "ABCDEFGHIJKLM"


def stranger() -> Browser:
    """Return a browser that has been nowhere yet."""
    return Browser(Client(enforce_csrf_checks=False, raise_request_exception=False))


def wrong_app_codes(browser: Browser, count: int) -> Browser:
    """Type wrong codes of the app, from the page that offers the ways."""
    browser.send({"offer": browser.offer("totp")})
    for number in range(count):
        browser.send({"code": f"{number:06}"})
    return browser


def use_up(browser: Browser, name: str) -> list[Browser]:
    """Use up the tries of an attempt; returns what was seen on the way."""
    browser.get("/reset/").send({"name": name})
    seen = [replace(wrong_app_codes(browser, 6))]
    browser.send({"offer": browser.offer("backup_codes")})
    return seen + [replace(browser.send({"code": PAPER})) for _ in range(6)]


def test_tries_are_used_up_alike_by_real_and_invented_names(worker: FakeWorker, browser: Browser) -> None:
    for name in ("alice", "unregistered"):
        worker.corp.add(name)
    register(browser, worker)
    walks = [use_up(stranger(), name) for name in ("alice", "unregistered", "nobody")]
    assert len({tuple((page.status, shape(page.text)) for page in walk) for walk in walks}) == 1
    marked, *_, last = walks[0]
    assert marked.url.endswith("/prove/")
    assert CLOSED in " ".join(marked.text.split())
    assert "too many wrong tries" in marked.complaint()
    assert "Try again" not in marked.text
    assert 'data-kind="totp"' not in marked.text
    assert (last.status, last.url.endswith("/prove/")) == (429, True)


def test_the_last_page_has_reference_and_contact_and_no_way_back(
    worker: FakeWorker, browser: Browser
) -> None:
    last = use_up(browser, "nobody")[-1]
    reference = Attempt.objects.get().reference
    for page in (last.url, last.url.replace("/prove/", "/code/")):
        for answer in (browser.get(page), browser.post(page, {"code": "123456", "offer": "x"})):
            said = " ".join(answer.text.split())
            assert answer.status == 429
            assert reference in said
            assert "we take no more for now." in said
            assert re.search(r"Wait \d+ (seconds|minutes)\.", said)
            assert "ask your IT support, and give them the reference below" in said
            assert not re.search("Try again|another way|type=.radio|/resend/|/another/", answer.text)


def test_a_wait_that_ends_while_its_page_is_made_is_a_second_long(
    worker: FakeWorker, browser: Browser, rf: RequestFactory
) -> None:
    browser.get("/reset/").send({"name": "nobody"})
    request = rf.get(browser.url)
    request.session = browser.client.session
    page = lead_onward(request, Attempt.objects.get(), Step.USED_UP)
    assert page.status_code == 429
    assert "Wait 1 second." in page.content.decode()


def test_the_code_page_of_a_way_that_is_used_up_leads_to_the_others(
    worker: FakeWorker, browser: Browser
) -> None:
    browser.get("/reset/").send({"name": "nobody"})
    wrong_app_codes(browser, 6)
    assert browser.get(browser.url.replace("/prove/", "/code/")).url.endswith("/prove/")
    assert browser.status == 200
    browser.send({"offer": browser.offer("backup_codes")})
    assert "Use another way" in browser.text  # there is mail yet
    assert browser.post(browser.url.replace("/code/", "/another/")).url.endswith("/prove/")
    assert 'data-kind="totp"' not in browser.text


def test_one_proof_opens_the_others_again(worker: FakeWorker, browser: Browser) -> None:
    worker.corp.add("alice")
    seed = register(browser, worker)
    browser.get("/reset/").send({"name": "alice"})
    wrong_app_codes(browser, 6)
    prove(browser, worker, "email")
    assert CLOSED not in " ".join(browser.text.split())
    browser.send({"offer": browser.offer("totp")}).send({"code": totp(seed, worker)})
    assert browser.url.endswith("/password/"), browser.text


def test_mail_that_was_sent_too_often_is_marked(worker: FakeWorker, browser: Browser) -> None:
    for _ in range(6):
        browser.get("/unlock/").send({"name": "nobody"})
        browser.send({"offer": browser.offer("email")})
        worker.clock.move(2)
    assert (browser.url.endswith("/prove/"), browser.status) == (True, 422)
    assert "This was done too often in a short time." in browser.complaint()
    assert 'data-kind="email"' not in browser.text
    assert 'data-kind="totp"' in browser.text


@pytest.mark.parametrize("operation", ["reset", "unlock"])
def test_a_sent_code_can_be_typed_although_no_more_are_sent(
    worker: FakeWorker, browser: Browser, operation: str
) -> None:
    browser.get(f"/{operation}/").send({"name": "nobody"})
    browser.send({"offer": browser.offer("email")})
    for _ in range(5):
        worker.clock.move(2)
        Attempt.objects.get().offers.update(sent="2020-01-01T00:00:00Z")
        browser.post(browser.url.replace("/code/", "/resend/"))
    assert browser.url.endswith("/code/")
    assert "This was done too often" in browser.complaint()
    assert browser.send({"code": "12345678"}).url.endswith("/code/")
