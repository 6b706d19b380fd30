"""The styleguide's pages say what the real pages say, word for word, in the same state."""

from dataclasses import replace

import pytest

from portal.styleguide import samples
from tests.fakes.post_box import the_box
from tests.fakes.worker import FakeWorker
from tests.portal.styleguide.words import guide_words, words_of
from tests.portal.walk import NEW, OLD, Browser, prove, register, totp

SHORT = "Short-one-1"
ADA = {"name": "ada"}


def assert_same(browser: Browser, name: str) -> None:
    """Compare the open page with one of the styleguide."""
    assert words_of(browser.text) == guide_words(name)


@pytest.fixture
def seed(worker: FakeWorker, browser: Browser) -> str:
    """Register ada, under the rules of the styleguide's Ada; return the seed of her app."""
    worker.corp.rules = replace(samples.ADAS, names=())
    worker.corp.add("ada")
    return register(browser, worker, "ada")


def test_first_pages(worker: FakeWorker, browser: Browser) -> None:
    assert_same(browser.get("/"), "home")
    assert_same(browser.get("/register/sign-in/"), "sign-in")
    assert_same(browser.get("/reset/"), "who")
    assert_same(browser.send(), "who-empty")


def test_closed_pages(worker: FakeWorker, browser: Browser) -> None:
    the_box().disconnect()
    for address, name in (
        ("/", "home-closed"),
        ("/reset/", "who-closed"),
        ("/change/", "change-closed"),
        ("/register/sign-in/", "sign-in-closed"),
    ):
        assert_same(browser.get(address), name)


def test_pages_that_prove_who_somebody_is(worker: FakeWorker, seed: str, browser: Browser) -> None:
    assert_same(browser.get("/reset/").send(ADA), "prove")
    assert_same(browser.send(), "prove-none-chosen")
    assert_same(browser.send({"offer": browser.offer("backup_codes")}), "code-backup")
    browser.get(browser.url.replace("/code/", "/prove/"))
    assert_same(browser.send({"offer": browser.offer("totp")}), "code-app")
    assert_same(browser.send({"code": "000000"}), "code-app-wrong")
    assert_same(browser.send({"code": totp(seed, worker)}), "prove-second")
    worker.clock.move(2)  # past the pause between two mails to one box
    assert_same(browser.send({"offer": browser.offer("email")}), "code-mail")
    assert_same(browser.send({"code": "00000000"}), "code-wrong")


def test_pages_of_a_new_password(worker: FakeWorker, seed: str, browser: Browser) -> None:
    browser.get("/reset/").send(ADA)
    prove(browser, worker, "totp", seed)
    assert_same(prove(browser, worker, "email"), "password")
    assert_same(browser.send(), "password-empty")
    assert_same(browser.send({"new": SHORT, "confirm": SHORT}), "password-short")
    person = next(iter(worker.corp.people.values()))
    worker.corp.change_account(person.account.guid, locked=True)
    assert_same(browser.send({"new": NEW, "confirm": NEW}), "done-others-ended")


def test_pages_of_an_unlock(worker: FakeWorker, seed: str, browser: Browser) -> None:
    browser.get("/unlock/").send(ADA)
    assert_same(prove(browser, worker, "totp", seed), "unlock")
    assert_same(browser.send(), "unlock-not-needed")


def test_pages_of_a_change(worker: FakeWorker, browser: Browser) -> None:
    worker.corp.add("ada")
    worker.corp.rules, worker.corp.window = samples.EVERYBODYS, 1800
    assert_same(browser.get("/change/"), "change")
    assert_same(browser.send({**ADA, "current": "wrong", "new": NEW, "confirm": NEW}), "change-wrong")
    assert_same(browser.send({**ADA, "current": OLD, "new": NEW, "confirm": NEW}), "change-done")


def test_pages_of_a_sign_in(worker: FakeWorker, seed: str, browser: Browser) -> None:
    worker.corp.window = 1800
    browser.get("/register/")
    assert_same(browser.send({**ADA, "password": "wrong"}), "sign-in-wrong")
    assert_same(browser.send({**ADA, "password": OLD}), "prove-signed-in")
    worker.clock.move(2)
    assert_same(browser.send({"offer": browser.offer("email")}), "code-mail-signed-in")
    assert_same(browser.post("/register/sign-out/"), "home-signed-out")


def test_pages_of_ones_own_ways(worker: FakeWorker, browser: Browser) -> None:
    worker.corp.add("ada")
    assert_same(browser.get("/register/").send({**ADA, "password": OLD}), "prove-only")
    browser.send({"offer": browser.offer("email")})
    assert_same(browser.send({"code": worker.mailed_code()}), "ways-first")
    _add_mail(worker, browser)
    _add_app(worker, browser)
    _add_codes(browser)
    assert_same(browser.get("/register/"), "ways")


def _add_mail(worker: FakeWorker, browser: Browser) -> None:
    assert_same(browser.get("/register/add/email/"), "add-email")
    assert_same(browser.send(), "add-email-none-chosen")
    worker.clock.move(2)
    assert_same(browser.send({"source": "other", "address": "ada@home.example"}), "confirm-email")
    confirm = browser.url
    factor = f"/register/factor/{confirm.split('/')[-2]}"
    browser.get(f"{factor}/rename/").send({"label": samples.factor().name})
    assert_same(browser.get("/register/"), "ways-pending")
    assert_same(browser.get(f"{factor}/rename/"), "rename")
    assert_same(browser.get(f"{factor}/remove/"), "remove")
    browser.post(confirm, {"code": worker.mailed_code()})


def _add_app(worker: FakeWorker, browser: Browser) -> None:
    assert_same(browser.get("/register/add/totp/"), "add-totp")
    assert_same(browser.send(), "add-totp-show")
    seed, factor = browser.hidden("secret"), browser.hidden("factor")
    fields = {"factor": factor, "secret": seed, "code": totp(seed, worker)}
    browser.post("/register/add/totp/confirm/", fields)


def _add_codes(browser: Browser) -> None:
    assert_same(browser.get("/register/add/backup-codes/"), "add-backup-codes")
    assert_same(browser.send(), "backup-codes")
    paper = {name: browser.hidden(name) for name in ("factor", "codes", "account")}
    assert_same(browser.post("/register/add/backup-codes/confirm/", paper), "backup-codes-not-saved")
    browser.post("/register/add/backup-codes/confirm/", {**paper, "saved": "on"})
