"""A sign-in to /register/ ends with a write, in every browser, and the page says so."""

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from portal.audit.models import Event
from portal.gates.models import Attempt
from portal.people.models import Account
from tests.fakes.directory import Person
from tests.fakes.post_box import the_box
from tests.fakes.worker import FakeWorker
from tests.portal.walk import NEW, OLD, Browser, prove
from writeback.envelope.jobs import Operation

pytestmark = pytest.mark.slow

OVER = "Your sign-in to set up ways to prove it&#x27;s you is over"
BY_A_WRITE = "because your password was set or your account was unlocked meanwhile."
BY_TIME = "it ends after 15 minutes without you, and after an hour in any case."
KEPT = "What you had confirmed before is kept; what you hadn&#x27;t has to be added again."
NOT_DONE = "What you sent last was not done."


@pytest.fixture
def signed_in(worker: FakeWorker, browser: Browser, alice: Person, seed: str) -> Browser:
    """Alice, signed in and stepped up."""
    browser.get("/register/").send({"name": "alice", "password": OLD})
    prove(browser, worker, "totp", seed)
    assert browser.url == "/register/", browser.text
    return browser


def at_password(worker: FakeWorker, seed: str) -> Browser:
    """Another browser, at the page that asks for a new password."""
    other = Browser(Client(enforce_csrf_checks=False, raise_request_exception=False))
    other.get("/reset/").send({"name": "alice"})
    prove(other, worker, "email")
    prove(other, worker, "totp", seed)
    assert other.url.endswith("/password/"), other.text
    return other


def reset(worker: FakeWorker, seed: str) -> Browser:
    """Set a new password in another browser."""
    return at_password(worker, seed).send({"new": NEW, "confirm": NEW})


def test_a_reset_in_one_browser_signs_out_all_others(
    worker: FakeWorker, signed_in: Browser, seed: str
) -> None:
    other = reset(worker, seed)
    assert "Your new password is set" in other.text
    assert "This also ended 2 other sign-ins or attempts of yours." in " ".join(other.text.split())
    settled = Event.objects.get(event="job.settled").facts
    assert (settled["guid"], settled["signed_out"]) == (Account.objects.get().guid, True)
    asked = len(the_box().sent)
    signed_in.get("/register/")
    assert (signed_in.url, OVER in signed_in.text) == ("/register/sign-in/", True)
    assert BY_A_WRITE in signed_in.text
    assert len(the_box().sent) == asked
    signed_in.get("/register/sign-in/")
    assert OVER not in signed_in.text


def test_a_reset_that_is_found_done_later_signs_out_too(
    worker: FakeWorker, signed_in: Browser, seed: str
) -> None:
    the_box().connect(worker)
    other = at_password(worker, seed)
    the_box().loses_answers = True
    other.send({"new": NEW, "confirm": NEW})
    the_box().loses_answers = False
    assert Account.objects.get().signed_out is None
    assert other.state() == "done"
    signed_in.get("/register/")
    assert (signed_in.url, OVER in signed_in.text) == ("/register/sign-in/", True)


def test_a_sign_in_after_the_reset_stays_valid(worker: FakeWorker, signed_in: Browser, seed: str) -> None:
    reset(worker, seed)
    signed_in.get("/register/").send({"name": "alice", "password": NEW})
    assert signed_in.get("/register/").url == "/register/"
    assert "signed out" not in signed_in.text


@pytest.mark.parametrize(
    "page",
    [
        "/register/add/totp/",
        "/register/add/email/",
        "/register/add/backup-codes/",
        "/register/step-up/",
        "/register/",
    ],
)
def test_each_page_says_that_the_worker_has_ended_the_sign_in(
    worker: FakeWorker, signed_in: Browser, page: str
) -> None:
    kept = Attempt.objects.get(
        operation="register", remote_id=signed_in.client.session["signed_in"]["attempt"]
    )
    found = worker.site.register.attempt(kept.attempt_id, operations=frozenset(Operation))
    assert found is not None
    worker.site.register.end(found)
    if page in {"/register/", "/register/step-up/"}:
        signed_in.get(page)
    else:
        signed_in.post(page, {"address": "new@home.example"})
    assert (signed_in.url, OVER in signed_in.text) == ("/register/sign-in/", True), signed_in.text
    assert (KEPT in signed_in.text, "Sign in again to go on." in signed_in.text) == (True, True)
    assert (NOT_DONE in signed_in.text) == (page not in {"/register/", "/register/step-up/"})
    assert Event.objects.filter(event="sign-in.over").count() == 1


def test_a_way_is_not_renamed_after_the_sign_in_is_over(signed_in: Browser) -> None:
    account = Account.objects.get()
    account.signed_out = timezone.now()
    account.save()
    signed_in.get(f"/register/factor/{'ab' * 16}/rename/")
    assert (signed_in.url, OVER in signed_in.text) == ("/register/sign-in/", True)


def forget_session(browser: Browser) -> None:
    """Do what time does: cookie and row of the session are gone."""
    Session.objects.all().delete()
    del browser.client.cookies["__Host-keyback"]


def test_returning_after_the_session_ended_is_explained_once(signed_in: Browser) -> None:
    forget_session(signed_in)
    signed_in.get("/register/")
    assert (signed_in.url, OVER in signed_in.text) == ("/register/sign-in/", True)
    assert all(part in signed_in.text for part in (BY_TIME, KEPT, "<h1>", "Sign in again"))
    assert NOT_DONE not in signed_in.text
    signed_in.get("/register/")
    assert (signed_in.url, "is over" in signed_in.text) == ("/register/sign-in/", False)


@pytest.mark.parametrize(
    "page", ["add/totp/", "add/email/", "add/backup-codes/confirm/", "factor/{}/remove/"]
)
def test_a_form_sent_after_the_session_ended_is_shown_as_not_done(signed_in: Browser, page: str) -> None:
    forget_session(signed_in)
    asked = len(the_box().sent)
    signed_in.post("/register/" + page.format("ab" * 16), {"address": "new@home.example"})
    assert (signed_in.url, OVER in signed_in.text) == ("/register/sign-in/", True)
    assert NOT_DONE in signed_in.text
    assert "new@home.example" not in signed_in.text
    assert len(the_box().sent) == asked


def test_an_inner_page_without_a_sign_in_never_shows_a_bare_sign_in_page(
    worker: FakeWorker, browser: Browser
) -> None:
    browser.get("/register/add/totp/")
    assert (browser.url, "You aren&#x27;t signed in here, or not any more." in browser.text) == (
        "/register/sign-in/",
        True,
    )
    browser.post("/register/add/totp/")
    assert NOT_DONE in browser.text


def test_signing_out_is_confirmed_once(signed_in: Browser) -> None:
    signed_in.post("/register/sign-out/")
    assert (signed_in.url, "re signed out." in signed_in.text) == ("/", True)
    assert "signed out" not in signed_in.get("/").text
    signed_in.get("/register/")
    assert signed_in.url == "/register/sign-in/"


def test_a_browser_that_never_signed_in_reads_nothing_about_sign_out(
    worker: FakeWorker, browser: Browser
) -> None:
    browser.get("/register/")
    assert (browser.url, "is over" in browser.text) == ("/register/sign-in/", False)
    browser.send({"name": "alice", "password": "wrong"})
    browser.post("/register/sign-out/").get("/register/")
    assert (browser.url, "is over" in browser.text) == ("/register/sign-in/", False)
