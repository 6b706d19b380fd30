"""Unlock, without a new password."""

import pytest
from django.utils import timezone

from portal.dispatch.models import Site
from portal.gates.models import Attempt, Policy
from portal.selfservice.outcomes import ending
from tests.fakes.directory import Person
from tests.fakes.worker import FakeWorker
from tests.portal.walk import OLD, Browser, prove
from writeback.envelope.answers import Outcome

pytestmark = pytest.mark.slow


def test_one_gate_unlocks_and_keeps_the_password(
    worker: FakeWorker, browser: Browser, alice: Person, seed: str
) -> None:
    worker.corp.change_account(alice.account.guid, locked=True)
    browser.get("/unlock/").send({"name": "alice"})
    prove(browser, worker, "totp", seed)
    assert browser.url.endswith("/unlock/")
    browser.send()
    assert "Your account is unlocked." in browser.text
    assert (alice.account.locked, alice.password) == (False, OLD)


def test_mail_alone_does_not_suffice(worker: FakeWorker, browser: Browser, alice: Person, seed: str) -> None:
    browser.get("/unlock/").send({"name": "alice"})
    prove(browser, worker, "email")
    assert browser.url.endswith("/prove/")
    assert "Choose one more way" in browser.text


def test_an_account_that_is_not_locked_is_told_so(
    worker: FakeWorker, browser: Browser, alice: Person, seed: str
) -> None:
    browser.get("/unlock/").send({"name": "alice"})
    prove(browser, worker, "totp", seed)
    browser.send()
    assert "<title>Step 4 of 4 · Your account isn&#x27;t locked" in browser.text
    assert "notice--info" in browser.text
    assert "notice--bad" not in browser.text
    assert "Try again" not in browser.text
    assert '<a class="button" href="/reset/">Reset my password</a>' in browser.text


def test_an_unsure_unlock_speaks_of_no_new_password() -> None:
    for outcome, waited in ((Outcome.UNKNOWN, 0), (Outcome.IN_PROGRESS, 301)):
        end = ending(operation="unlock", outcome=outcome, facts={}, waited=waited)
        assert (end.state, "password" in end.sentence) == ("unsure", False)
        assert "if your account is still locked" in end.sentence
        assert (
            "Try the new password first"
            in ending(operation="reset", outcome=outcome, facts={}, waited=waited).sentence
        )


def test_no_other_try_is_offered_when_only_the_helpdesk_can_help(
    worker: FakeWorker, browser: Browser, alice: Person, seed: str
) -> None:
    browser.get("/unlock/").send({"name": "alice"})
    prove(browser, worker, "totp", seed)
    worker.corp.change_account(alice.account.guid, disabled=True, locked=True)
    browser.send()
    assert "Only the helpdesk can switch it on" in browser.text
    assert "Try again" not in browser.text


def test_proofs_for_an_unlock_are_no_good_for_a_reset(
    worker: FakeWorker, browser: Browser, alice: Person, seed: str
) -> None:
    browser.get("/unlock/").send({"name": "alice"})
    prove(browser, worker, "totp", seed)
    browser.post(
        browser.url.replace("/unlock/", "/password/"), {"new": "Autumn-1234", "confirm": "Autumn-1234"}
    )
    assert browser.url.endswith("/unlock/")
    assert alice.password == OLD


def test_an_unlock_that_is_switched_off_is_closed_to_everybody(worker: FakeWorker, browser: Browser) -> None:
    Policy.objects.create(pk=1, unlock_on=False)
    assert browser.get("/unlock/").send({"name": "alice"}).status == 503
    assert "switched this off" in browser.text
    assert "Unlock your account" in browser.text
    assert "Step 1 of 4" not in browser.text
    assert "Try again in a few minutes" not in browser.text


def test_a_site_switched_off_by_an_admin_is_shown_as_such(worker: FakeWorker, browser: Browser) -> None:
    Site.objects.update(enabled=False)
    assert browser.get("/").status == 200
    assert "switched this service off" in browser.text
    assert "set up yet" not in browser.text
    Site.objects.all().delete()
    assert "set up yet" in browser.get("/").text


@pytest.mark.parametrize("unlock_on", [True, False])
def test_a_person_still_locked_after_a_reset_is_led_to_the_unlock(
    worker: FakeWorker, browser: Browser, alice: Person, seed: str, unlock_on: bool
) -> None:
    browser.get("/unlock/").send({"name": "alice"})
    attempt = Attempt.objects.get(operation="unlock")
    when = timezone.now()
    told = {"operation": "reset", "state": Attempt.State.DONE, "outcome": Outcome.PARTIAL, "sent": when}
    Attempt.objects.filter(pk=attempt.pk).update(**told)
    Policy.objects.create(pk=1, unlock_on=unlock_on)
    browser.get(f"/result/{attempt.public_id}/")
    assert "your account is still locked" in browser.text
    assert ('<a class="button" href="/unlock/">Unlock my account</a>' in browser.text) is unlock_on
    assert ("Unlock your account with the button below." in browser.text) is unlock_on
    assert "call the helpdesk with the reference below." in browser.text.replace("Call", "call")
