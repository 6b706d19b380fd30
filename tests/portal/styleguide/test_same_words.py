"""The styleguide's pages say what the real pages say, word for word, in the same state."""

from dataclasses import replace

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from pytest_django.fixtures import Settings

from portal.gates.models import Policy
from portal.styleguide import samples
from tests.fakes.post_box import the_box
from tests.fakes.worker import FakeWorker, open_ceiling
from tests.portal.styleguide.words import guide_words, words_of
from tests.portal.walk import NEW, OLD, Browser, prove, register, totp
from writeback.ceiling import Ceiling, Limits
from writeback.ports.filetime import filetime

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
    the_box().loses = True
    assert_same(browser.send(ADA), "who-refused")


def test_first_page_without_unlock(worker: FakeWorker, browser: Browser) -> None:
    Policy.objects.create(pk=1, unlock_on=False)
    assert_same(browser.get("/"), "home-no-unlock")


def test_page_while_many_people_ask(worker: FakeWorker, browser: Browser, settings: Settings) -> None:
    settings.KEYBACK_STARTS = 4
    for number in range(2):
        Browser(Client()).get("/reset/").send({"name": f"junk{number}"})
    assert_same(browser.get("/reset/"), "who-challenge")


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
    assert_same(browser, "code-ending")  # only a script says how little time is left
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
    page = browser.url
    the_box().loses = True
    assert_same(browser.get(page), "password-no-rules")
    the_box().loses = None
    assert_same(browser.send({"new": SHORT, "confirm": SHORT}), "password-short")
    browser.send({"new": SHORT, "confirm": SHORT})
    assert_same(browser.send({"new": SHORT, "confirm": SHORT}), "password-few-tries")
    person = next(iter(worker.corp.people.values()))
    worker.corp.change_account(person.account.guid, locked=True)
    assert_same(browser.send({"new": NEW, "confirm": NEW}), "done-others-ended")


def test_page_of_a_password_that_is_too_young(worker: FakeWorker, seed: str, browser: Browser) -> None:
    browser.get("/reset/").send(ADA)
    prove(browser, worker, "totp", seed)
    prove(browser, worker, "email")
    worker.corp.rules = replace(worker.corp.rules, min_age=86400)
    person = next(iter(worker.corp.people.values()))
    nine_hours_ago = filetime(worker.clock.now() - 9 * 3600)
    worker.corp.change_account(person.account.guid, pwd_last_set=nine_hours_ago)
    assert_same(browser.get(browser.url), "password-not-yet")


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


def test_page_of_a_password_that_has_expired(worker: FakeWorker, browser: Browser) -> None:
    worker.corp.people[worker.corp.add("ada").guid].password_expired = True
    worker.corp.rules = samples.EVERYBODYS
    assert_same(browser.get("/register/").send({**ADA, "password": OLD}), "change-expired")


def test_pages_of_a_sign_in(worker: FakeWorker, seed: str, browser: Browser) -> None:
    worker.corp.window = 1800
    browser.get("/register/")
    assert_same(browser.send({**ADA, "password": "wrong"}), "sign-in-wrong")
    assert_same(browser.send({**ADA, "password": OLD}), "prove-signed-in")
    worker.clock.move(2)
    assert_same(browser.send({"offer": browser.offer("email")}), "code-mail-signed-in")
    assert_same(browser.post("/register/sign-out/"), "home-signed-out")


def test_page_after_a_sign_in_has_ended(worker: FakeWorker, seed: str, browser: Browser) -> None:
    browser.get("/register/").send({**ADA, "password": OLD})
    prove(browser, worker, "totp", seed)
    Session.objects.all().delete()
    assert_same(browser.post("/register/add/totp/"), "sign-in-over")


def test_pages_of_ones_own_ways(worker: FakeWorker, browser: Browser) -> None:
    worker.corp.add("ada")
    assert_same(browser.get("/register/").send({**ADA, "password": OLD}), "prove-only")
    browser.send({"offer": browser.offer("email")})
    assert_same(browser.send({"code": worker.mailed_code()}), "ways-first")
    _add_mail(worker, browser)
    _add_app(worker, browser)
    _add_codes(browser)
    assert_same(browser.get("/register/"), "ways")


def test_pages_of_the_only_way(worker: FakeWorker, browser: Browser) -> None:
    worker.corp.add("ada")
    _sign_in_first(worker, browser)
    factor = _add_mail(worker, browser)
    assert_same(browser.post(f"{factor}/remove/"), "remove-last")
    browser.post("/register/sign-out/").get("/register/").send({**ADA, "password": OLD})
    assert_same(browser.get("/register/"), "ways-step-up")


@pytest.mark.parametrize("ceiling", [replace(open_ceiling(), limits=Limits())])
def test_page_of_ways_that_have_to_wait(worker: FakeWorker, browser: Browser, ceiling: Ceiling) -> None:
    worker.corp.add("ada")
    _sign_in_first(worker, browser)
    _add_mail(worker, browser)
    _add_app(worker, browser)
    browser.post("/register/sign-out/").get("/register/").send({**ADA, "password": OLD})
    assert_same(browser.get("/register/"), "ways-cooling")


def test_page_of_an_address_where_the_directory_has_none(worker: FakeWorker, browser: Browser) -> None:
    worker.corp.add("ada", mail="")
    browser.get("/register/").send({**ADA, "password": OLD})
    assert_same(browser.get("/register/add/email/"), "add-email-no-own")


def _sign_in_first(worker: FakeWorker, browser: Browser) -> None:
    """Sign in somebody who has nothing set up yet."""
    browser.get("/register/").send({**ADA, "password": OLD})
    browser.send({"offer": browser.offer("email")}).send({"code": worker.mailed_code()})


def _add_mail(worker: FakeWorker, browser: Browser) -> str:
    """Add a mail address; return the address of its pages."""
    assert_same(browser.get("/register/add/email/"), "add-email")
    assert_same(browser.send(), "add-email-none-chosen")
    worker.clock.move(2)
    assert_same(browser.send({"source": "other", "address": "ada@home.example"}), "confirm-email")
    confirm = browser.url
    worker.clock.move(2)
    assert_same(browser.post(f"{confirm}again/"), "confirm-email-again")
    factor = f"/register/factor/{confirm.split('/')[-2]}"
    browser.get(f"{factor}/rename/").send({"label": samples.factor().name})
    assert_same(browser.get("/register/"), "ways-pending")
    assert_same(browser.get(f"{factor}/rename/"), "rename")
    assert_same(browser.get(f"{factor}/remove/"), "remove")
    browser.post(confirm, {"code": worker.mailed_code()})
    return factor


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
    assert_same(browser.get("/register/add/backup-codes/"), "add-backup-codes-again")
