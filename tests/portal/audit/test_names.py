"""Somebody who has proven who they are is found by one form of the name, however it was typed."""

import pytest
from django.urls import reverse

from portal.audit.flows import account_name
from portal.audit.models import Event
from tests.fakes.worker import FakeWorker
from tests.portal.conftest import sign_in_as_admin
from tests.portal.walk import NEW, OLD, Browser, prove, register

pytestmark = pytest.mark.slow

WIDE = "\uff46rank"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (WIDE, "frank"),
        ("FRANK", "frank"),
        ("CORP\\Frank.", "frank"),
        ("corp/frank", "frank"),
        ("Frank@Corp.example", "frank@corp.example"),
    ],
)
def test_one_form_stands_for_all_spellings(typed: str, kept: str) -> None:
    assert account_name(typed) == kept


@pytest.mark.parametrize("typed", [WIDE, "FRANK", "CORP\\frank"])
def test_a_reset_is_found_by_the_plain_name_however_it_was_begun(
    worker: FakeWorker, browser: Browser, typed: str
) -> None:
    worker.corp.add("frank")
    seed = register(browser, worker, "frank")
    browser.get("/reset/").send({"name": typed})
    prove(browser, worker, "email")
    prove(browser, worker, "totp", seed)
    browser.send({"new": NEW, "confirm": NEW})
    named = {event.event: event.facts["account"] for event in Event.objects.all() if "account" in event.facts}
    assert {named["job.submitted"], named["job.settled"], named["attempt.signed-in"]} == {"frank"}


def test_who_typed_an_address_is_named_by_the_account_in_the_end(
    worker: FakeWorker, browser: Browser
) -> None:
    worker.corp.add("Frank", mail="f.miller@corp.example")
    register(browser, worker, "frank")
    browser.get("/change/").send(
        {"name": "f.miller@corp.example", "current": OLD, "new": NEW, "confirm": NEW}
    )
    assert Event.objects.get(event="job.settled").facts["account"] == "frank"


def test_the_list_of_events_is_searched_by_any_spelling(worker: FakeWorker, browser: Browser) -> None:
    worker.corp.add("frank")
    browser.get("/change/").send({"name": WIDE, "current": OLD, "new": NEW, "confirm": NEW})
    admin = sign_in_as_admin()
    page = reverse("admin:audit_event_changelist")
    found = {
        typed: {event.event for event in admin.get(page, {"q": typed}).context["cl"].queryset}
        for typed in ("frank", "FRANK", WIDE)
    }
    assert found["frank"] == found["FRANK"] == found[WIDE] == {"attempt.begun", "job.settled"}
