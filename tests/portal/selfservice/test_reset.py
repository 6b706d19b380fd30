"""Reset, over the worker's real core."""

from dataclasses import replace
from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from portal.audit.models import Event
from portal.audit.queries import verify
from portal.dispatch.models import JobRecord
from portal.gates.models import Attempt, Policy
from portal.selfservice.flows import LOOKS
from portal.throttle.counts import take
from portal.throttle.models import Familiar
from tests.fakes.directory import Person
from tests.fakes.post_box import the_box
from tests.fakes.worker import FakeWorker
from tests.portal.at_once import at_once
from tests.portal.walk import NEW, OLD, Browser, prove
from writeback.admission import Admission
from writeback.ceiling import Rate
from writeback.envelope.answers import Outcome


@pytest.fixture
def at_password(worker: FakeWorker, browser: Browser, alice: Person, seed: str) -> Browser:
    """Alice's browser, where a new password is asked for."""
    browser.get("/reset/").send({"name": "alice"})
    prove(browser, worker, "email")
    prove(browser, worker, "totp", seed)
    assert browser.url.endswith("/password/"), browser.text
    return browser


def test_two_gates_and_a_new_password_change_it_in_the_directory(at_password: Browser, alice: Person) -> None:
    at_password.send({"new": NEW, "confirm": NEW})
    assert at_password.url.startswith("/result/")
    assert "Your new password is set." in at_password.text
    assert alice.password == NEW


def test_one_reference_finds_every_step_on_both_sides(at_password: Browser, worker: FakeWorker) -> None:
    at_password.send({"new": NEW, "confirm": NEW})
    reference = Attempt.objects.get(operation="reset").reference
    events = list(
        Event.objects.filter(reference=reference).order_by("number").values_list("event", flat=True)
    )
    assert events == [
        "attempt.begun",
        *["factor.started", "factor.proven"] * 2,
        "job.submitted",
        "job.settled",
    ]
    assert {event for event, found, _ in worker.audit.events if found == reference}
    whose = [
        Event.objects.get(reference=reference, event=f"job.{name}").facts for name in ("submitted", "settled")
    ]
    assert [facts["account"] for facts in whose] == ["alice", "alice"]
    written = [
        facts
        for event, found, facts in worker.audit.events
        if event == "write.outcome" and found == reference
    ]
    assert [facts["name"] for facts in written] == ["alice"]
    assert verify().broken_at == 0


def test_opening_the_password_page_again_does_not_ask_for_the_rules_again(at_password: Browser) -> None:
    with_rules = at_password.get(at_password.url).text
    for _ in range(35):
        at_password.get(at_password.url)
    without = at_password.get(at_password.url)
    assert "at least" in with_rules.lower()
    assert without.status == 200
    assert "at least" not in without.text.lower()
    at_password.send({"new": NEW, "confirm": NEW})
    assert "Your new password is set." in at_password.text


def test_a_reset_unlocks_a_locked_account(at_password: Browser, worker: FakeWorker, alice: Person) -> None:
    worker.corp.change_account(alice.account.guid, locked=True)
    at_password.send({"new": NEW, "confirm": NEW})
    assert "your account is unlocked" in at_password.text
    assert not alice.account.locked


def test_a_refused_password_names_its_rule_and_costs_no_proof(at_password: Browser, alice: Person) -> None:
    at_password.send({"new": "Short-1", "confirm": "Short-1"})
    assert at_password.status == 422
    assert "Use at least 8 characters. This one has 7." in at_password.text
    assert "Short-1" not in at_password.text
    at_password.send({"new": NEW, "confirm": NEW})
    assert alice.password == NEW


def test_the_rules_of_this_person_stand_above_the_field(at_password: Browser) -> None:
    assert "At least 8 characters" in at_password.text
    assert "Not one of your last 5 passwords" in at_password.text
    assert "alice" in at_password.text


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "Type a new password."),
        ({"new": NEW}, "Type the new password once more."),
        ({"new": NEW, "confirm": NEW + "x"}, "The two are not the same."),
        ({"new": "a" * 129, "confirm": "a" * 129}, "Use at most 128 characters. This one has 129"),
        ({"new": "\N{GRINNING FACE}" * 65, "confirm": "\N{GRINNING FACE}" * 65}, "This one has 130"),
        ({"new": "Null\0inside-77", "confirm": "Null\0inside-77"}, "invisible character in this password"),
        ({"new": [NEW, "other"], "confirm": NEW}, "Give one answer here"),
    ],
)
def test_an_unusable_password_is_refused_before_any_job(
    at_password: Browser, fields: dict[str, object], sentence: str
) -> None:
    before = JobRecord.objects.count()
    at_password.send(fields)
    assert at_password.status == 422
    assert sentence in at_password.text
    assert JobRecord.objects.count() == before


@pytest.mark.parametrize(
    "password", ['  "quoted" $(id) %PATH% 7 ', "Käse\N{GRINNING FACE}-Brot 77 ", "A1-" + "x" * 125]
)
def test_a_password_arrives_exactly_as_typed(at_password: Browser, alice: Person, password: str) -> None:
    at_password.send({"new": password, "confirm": password})
    assert alice.password == password


def test_invalid_utf_8_is_refused(at_password: Browser) -> None:
    body = b"new=Torn%FF-password-77&confirm=Torn%FF-password-77"
    response = at_password.client.post(
        at_password.url, body, content_type="application/x-www-form-urlencoded"
    )
    assert response.status_code == 422
    assert b"didn&#x27;t arrive whole" in response.content


def test_submitting_twice_sends_one_job(at_password: Browser, alice: Person) -> None:
    page = at_password.url
    at_password.send({"new": NEW, "confirm": NEW})
    at_password.post(page, {"new": NEW + "2", "confirm": NEW + "2"})
    assert at_password.url.startswith("/result/")
    assert JobRecord.objects.count() == 1
    assert alice.password == NEW


def test_a_second_window_reads_that_its_password_was_not_set(at_password: Browser, alice: Person) -> None:
    page = at_password.url
    at_password.send({"new": NEW, "confirm": NEW})
    assert "sent more than once" not in at_password.text
    at_password.post(page, {"new": NEW + "2", "confirm": NEW + "2"})
    assert "Only the first one counted" in at_password.text
    assert "a different password typed the second time was not set" in at_password.text
    assert at_password.get(page).url.startswith("/result/")


def test_a_double_click_still_shows_the_result(
    at_password: Browser, alice: Person, settings: Settings
) -> None:
    settings.KEYBACK_WAIT = 3.0
    the_box().holds = True
    given_up, browser = at_password.copy(), at_password.copy()

    def first() -> None:
        given_up.send({"new": NEW, "confirm": NEW})
        connection.close()

    thread = Thread(target=first)
    thread.start()
    while not Attempt.objects.filter(operation="reset", state="sent").exists():
        thread.join(0.05)
    browser.send({"new": NEW + "2", "confirm": NEW + "2"})
    assert "Only the first one counted" in browser.text
    the_box().deliver()
    thread.join()
    browser.get(browser.url)
    assert (browser.status, alice.password) == (200, NEW)
    assert "Your new password is set." in browser.text
    assert "Only the first one counted" in browser.text


@pytest.mark.race
def test_twenty_submits_at_once_send_one_job(at_password: Browser) -> None:
    statuses: list[int] = []

    def submit() -> None:
        statuses.append(at_password.copy().send({"new": NEW, "confirm": NEW}).status)

    at_once(submit, times=20)
    assert len(statuses) == 20
    assert JobRecord.objects.count() == 1
    assert all(status < 500 for status in statuses)


def test_the_session_key_changes_at_each_step(worker: FakeWorker, browser: Browser, seed: str) -> None:
    keys = [browser.get("/reset/").session_key]
    keys.append(browser.send({"name": "alice"}).session_key)
    keys.append(prove(browser, worker, "email").session_key)
    keys.append(prove(browser, worker, "totp", seed).session_key)
    keys.append(browser.send({"new": NEW, "confirm": NEW}).session_key)
    assert len(set(keys)) == len(keys)


def test_a_step_out_of_order_leads_to_the_step_that_is_due(
    worker: FakeWorker, browser: Browser, seed: str
) -> None:
    browser.get("/reset/").send({"name": "alice"})
    page = browser.url.replace("/prove/", "/password/")
    browser.post(page, {"new": NEW, "confirm": NEW})
    assert browser.url.endswith("/prove/")
    prove(browser, worker, "email")
    browser.post(page, {"new": NEW, "confirm": NEW})
    assert browser.url.endswith("/prove/")
    assert JobRecord.objects.count() == 0


def test_the_same_method_does_not_open_two_gates(worker: FakeWorker, browser: Browser, seed: str) -> None:
    browser.get("/reset/").send({"name": "alice"})
    handle = browser.offer("email")
    prove(browser, worker, "email")
    browser.send({"offer": handle})
    assert browser.status == 422


def test_two_attempts_in_one_browser_leave_only_the_second_open(
    at_password: Browser, worker: FakeWorker, alice: Person
) -> None:
    first = at_password.url
    worker.corp.add("bob")
    at_password.get("/reset/").send({"name": "bob"})
    at_password.post(first, {"new": NEW, "confirm": NEW})
    assert at_password.status == 410
    assert alice.password == OLD


def test_the_address_of_somebody_elses_attempt_voids_ones_own(
    at_password: Browser, worker: FakeWorker, alice: Person
) -> None:
    worker.corp.add("bob")
    other = Browser(Client()).get("/reset/").send({"name": "bob"})
    at_password.post(other.url.replace("/prove/", "/password/"), {"new": NEW, "confirm": NEW})
    assert at_password.status == 403
    assert Event.objects.filter(event="attempt.subject-mismatch").count() == 1
    assert Attempt.objects.get(name="", operation="reset").state == Attempt.State.VOID
    assert alice.password == OLD


def test_another_browser_can_neither_go_on_nor_see_the_result(at_password: Browser) -> None:
    stranger = Browser(Client())
    assert stranger.post(at_password.url, {"new": NEW, "confirm": NEW}).status == 403
    at_password.send({"new": NEW, "confirm": NEW})
    assert stranger.get(at_password.url).status == 403
    assert stranger.get(f"{at_password.url}state/").status == 403


def test_gates_added_during_the_attempt_are_asked_for(at_password: Browser, alice: Person) -> None:
    Policy.objects.create(pk=1, reset_gates=3)
    at_password.send({"new": NEW, "confirm": NEW})
    assert alice.password == OLD


def test_a_method_switched_off_during_the_attempt_does_not_count(at_password: Browser, alice: Person) -> None:
    Policy.objects.create(pk=1, methods=["totp", "backup_codes"])
    at_password.send({"new": NEW, "confirm": NEW})
    assert alice.password == OLD


def test_an_attempt_that_is_too_old_is_shown_as_over(at_password: Browser) -> None:
    Attempt.objects.update(expires="2020-01-01T00:00:00Z")
    at_password.get(at_password.url)
    assert at_password.status == 410
    assert "its time has run out, or your password was set" in at_password.text


class TestWaiting:
    """The answer does not come in time."""

    @pytest.fixture(autouse=True)
    def _impatient(self, settings: Settings) -> None:
        settings.KEYBACK_WAIT = 0.2

    def test_a_lost_answer_is_asked_for_and_ends_in_done(self, at_password: Browser, alice: Person) -> None:
        the_box().loses_answers = True
        at_password.send({"new": NEW, "confirm": NEW})
        assert "We&#x27;re waiting for the directory" in at_password.text
        the_box().loses_answers = False
        Familiar.objects.all().delete()
        assert at_password.state() == "done"
        assert Familiar.objects.exists()
        assert "Your new password is set." in at_password.get(at_password.url).text
        assert alice.password == NEW

    def test_a_job_that_arrives_late_ends_in_done(self, at_password: Browser) -> None:
        the_box().holds = True
        at_password.send({"new": NEW, "confirm": NEW})
        the_box().deliver()
        assert at_password.state() == "done"

    def test_a_job_that_nobody_took_is_closed_and_nothing_was_changed(
        self, at_password: Browser, alice: Person, worker: FakeWorker
    ) -> None:
        the_box().holds = True
        at_password.send({"new": NEW, "confirm": NEW})
        the_box().holds = False
        assert at_password.state() == "waiting"
        JobRecord.objects.update(expires_at="2020-01-01T00:00:00Z")
        assert at_password.state() == "not-done"
        assert "<title>Step 4 of 4 · Nothing was changed" in at_password.get(at_password.url).text
        the_box().deliver()
        assert alice.password == OLD

    def test_polling_pages_ask_the_worker_at_a_limited_rate(self, at_password: Browser) -> None:
        the_box().holds = True
        at_password.send({"new": NEW, "confirm": NEW})
        assert at_password.state() == "waiting"
        attempt = Attempt.objects.get(operation="reset")
        while not take("follow", attempt.public_id, rates=LOOKS):
            continue
        asked = len(the_box().sent)
        assert at_password.state() == "waiting"
        assert len(the_box().sent) == asked

    def test_a_late_refusal_leads_back_to_the_password(self, at_password: Browser) -> None:
        the_box().loses_answers = True
        at_password.send({"new": "Short-1", "confirm": "Short-1"})
        the_box().loses_answers = False
        assert at_password.state() == "refused"
        at_password.get(at_password.url)
        assert at_password.url.endswith("/password/")
        assert "Use at least 8 characters. This one has 7." in at_password.text

    def test_a_job_unsent_by_a_dead_portal_ends_in_not_done(self, at_password: Browser) -> None:
        attempt = Attempt.objects.get(operation="reset")
        Attempt.objects.update(state=Attempt.State.SENT, sent="2020-01-01T00:00:00Z")
        assert at_password.get(f"/result/{attempt.public_id}/").status == 200
        assert "Nothing was changed" in at_password.text

    def test_an_answer_lost_by_the_directory_is_shown_as_unsure(
        self, at_password: Browser, worker: FakeWorker
    ) -> None:
        worker.corp.loses_answers = True
        at_password.send({"new": NEW, "confirm": NEW})
        assert "Try the new password first" in at_password.text
        assert "<title>Step 4 of 4 · We&#x27;re not sure" in at_password.text

    def test_an_unsure_result_is_updated_once_it_is_known(
        self, at_password: Browser, worker: FakeWorker, alice: Person
    ) -> None:
        worker.corp.loses_answers = True
        at_password.send({"new": NEW, "confirm": NEW})
        assert at_password.state() == "unsure"
        worker.clock.move(20)  # past the time in which the write could still be under way
        assert at_password.state() == "done"
        assert "Your new password is set." in at_password.get(at_password.url).text
        assert alice.password == NEW

    def test_a_directory_that_is_away_allows_another_try(
        self, at_password: Browser, worker: FakeWorker, alice: Person
    ) -> None:
        page = at_password.url
        worker.corp.away = True
        at_password.send({"new": NEW, "confirm": NEW})
        assert "Nothing was changed" in at_password.text
        assert page in at_password.text
        worker.corp.away = False
        at_password.post(page, {"new": NEW, "confirm": NEW})
        assert alice.password == NEW


def test_a_reset_that_was_neither_taken_nor_closed_waits_and_is_closed_at_its_end(
    at_password: Browser, worker: FakeWorker, alice: Person
) -> None:
    full = Admission((Rate(count=1, seconds=600),), worker.clock.now)
    full.wait()
    healthy = worker.intake
    worker.intake = replace(healthy, admission=full, closings=full)
    at_password.send({"new": NEW, "confirm": NEW})
    assert "take this now" in at_password.text
    assert "Nothing was changed" not in at_password.text
    attempt = Attempt.objects.get(operation="reset")
    assert (attempt.state, attempt.outcome) == (Attempt.State.SENT, Outcome.NOT_TAKEN)
    worker.intake = healthy
    a_minute_ago = timezone.now() - timedelta(seconds=60)
    Attempt.objects.update(sent=a_minute_ago)
    JobRecord.objects.update(sent_at=a_minute_ago, expires_at=timezone.now())
    at_password.get(at_password.url)
    assert "it never will. Nothing was changed." in at_password.text
    assert alice.password == OLD
