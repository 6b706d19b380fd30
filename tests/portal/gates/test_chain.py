"""The worker's token in a browser: strangers can't use up what a browser has that was here before."""

import pytest
from django.test import Client
from sqlalchemy import select

from tests.fakes.worker import FakeWorker
from tests.portal.walk import Browser, prove, register, totp
from writeback.state.tables import attempts

pytestmark = pytest.mark.slow

COOKIE = "__Host-keyback-chain"


def stranger() -> Browser:
    return Browser(Client(raise_request_exception=False))


def chains_of(worker: FakeWorker) -> list[str]:
    """Return the chain of each attempt that the worker has."""
    with worker.state.reading() as tx:
        return list(tx.execute(select(attempts.c.chain)).scalars())


def test_a_known_browser_gets_in_while_strangers_must_wait(worker: FakeWorker, browser: Browser) -> None:
    worker.corp.add("alice")
    seed = register(browser, worker)
    browser.get("/reset/").send({"name": "alice"})
    prove(browser, worker, "totp", seed)
    prove(browser, worker, "email")
    for number in range(6):
        other = stranger()
        other.get("/reset/").send({"name": "alice"})
        other.send({"offer": other.offer("totp")}).send({"code": f"00000{number}"})
    assert "too many wrong tries" in other.complaint()
    browser.get("/reset/").send({"name": "alice"})
    worker.clock.move(30)
    browser.send({"offer": browser.offer("totp")}).send({"code": totp(seed, worker)})
    assert browser.url.endswith("/prove/"), browser.text


def test_while_an_app_rests_its_owner_begins_with_another_way(worker: FakeWorker, browser: Browser) -> None:
    worker.corp.add("alice")
    seed = register(browser, worker)
    for name in ("alice", "alice@mail.example"):
        for number in range(3):
            other = stranger()
            other.get("/reset/").send({"name": name})
            other.send({"offer": other.offer("totp")}).send({"code": f"00000{number}"})
    owner = stranger()
    owner.get("/reset/").send({"name": "alice"})
    owner.send({"offer": owner.offer("totp")}).send({"code": totp(seed, worker)})
    assert "isn't right" in owner.complaint()
    assert "use another way first" in owner.text
    owner.get(owner.url.replace("/code/", "/prove/"))
    prove(owner, worker, "email")
    worker.clock.move(30)
    prove(owner, worker, "totp", seed)
    assert owner.url.endswith("/password/"), owner.text


def test_wrong_codes_before_registering_do_not_block_what_is_registered_then(
    worker: FakeWorker, browser: Browser
) -> None:
    worker.corp.add("alice")
    for number in range(12):
        browser.get("/reset/").send({"name": "alice"})
        kind = "totp" if number % 2 else "backup_codes"
        code = f"0000{number:02}" if number % 2 else "A" * 13
        browser.send({"offer": browser.offer(kind)}).send({"code": code})
    seed = register(browser, worker)
    browser.get("/reset/").send({"name": "alice"})
    prove(browser, worker, "email")
    prove(browser, worker, "totp", seed)
    assert browser.url.endswith("/password/"), browser.text


def test_the_token_goes_on_with_the_next_attempt_and_no_script_sees_it(
    worker: FakeWorker, browser: Browser
) -> None:
    browser.get("/reset/")
    assert COOKIE not in browser.client.cookies
    browser.send({"name": "zed"})
    cookie = browser.client.cookies[COOKIE]
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, True, "Lax")
    browser.get("/unlock/").send({"name": "zed"})
    assert browser.client.cookies[COOKIE].value == cookie.value
    first, second = chains_of(worker)
    assert first == second != ""


@pytest.mark.parametrize("value", ["x", "!", "a" * 65, "a" * 5000, "ä", "AAAA" * 16, "\x00"])
def test_an_invalid_token_is_replaced_without_an_error(
    worker: FakeWorker, browser: Browser, value: str
) -> None:
    browser.client.cookies[COOKIE] = value
    browser.get("/reset/").send({"name": "zed"})
    assert browser.url.endswith("/prove/")
    assert browser.client.cookies[COOKIE].value not in ("", value)
