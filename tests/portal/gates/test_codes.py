"""Typing codes."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from sqlalchemy import delete

from portal.audit.models import Event
from portal.gates.closing import close_used_up
from portal.gates.flows import start_factor
from portal.gates.models import Attempt, Offer
from portal.gates.queries import step_of
from portal.gates.rules import SENDINGS, Step
from portal.throttle.counts import take
from tests.fakes.post_box import the_box
from tests.fakes.worker import FakeWorker
from tests.portal.walk import Browser, register
from writeback.envelope.answers import Answer, Outcome
from writeback.state.tables import attempts

pytestmark = pytest.mark.slow


@pytest.fixture
def at_code(worker: FakeWorker, browser: Browser) -> Browser:
    """Alice's browser, where a code from her app is asked for."""
    worker.corp.add("alice")
    register(browser, worker)
    browser.get("/reset/").send({"name": "alice"})
    return browser.send({"offer": browser.offer("totp")})


def test_the_next_step_of_an_attempt_costs_two_queries(
    at_code: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    attempt = Attempt.objects.get(operation="reset")
    with django_assert_num_queries(2):  # the policy and the offers
        assert step_of(attempt) is Step.PROVE


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("", "Type the code."),
        ("12345", "The code has 6 digits. You typed 5 digits."),
        ("1", "You typed 1 digit."),
        ("1234567", "You typed 7 digits."),
        ("+123456", "only the digits"),
        ("1_23456", "only the digits"),
        ("１２３４５６", "only the digits"),  # noqa: RUF001
        ("x" * 10_000, "too long for a code"),
        ("12\x00456", "invisible character in it"),
        (["123456", "654321"], "Give one answer here"),
    ],
)
def test_a_text_that_cannot_be_a_code_differs_from_a_wrong_code(
    at_code: Browser, code: object, sentence: str
) -> None:
    tries = Event.objects.filter(event="factor.failed").count()
    at_code.send({"code": code})
    assert at_code.status == 422
    assert sentence in at_code.complaint()
    assert Event.objects.filter(event="factor.failed").count() == tries


def test_a_person_with_only_an_app_reads_why_right_codes_are_refused(at_code: Browser) -> None:
    at_code.send({"code": "000000"})
    said = " ".join(at_code.text.split())
    assert "The clock of your phone may be wrong" in said
    assert "You have no other way? Try again later, or ask your IT support." in said


def test_five_wrong_codes_in_an_hour_close_a_way_even_to_the_right_code(
    at_code: Browser, worker: FakeWorker
) -> None:
    for number in range(5):
        at_code.send({"code": f"00000{number}"})
        assert "isn't right, or has been used before" in at_code.complaint()
    at_code.send({"code": "123456"})
    assert "too many wrong tries" in at_code.complaint()
    assert "Wait" in at_code.complaint()


def test_wrong_codes_count_for_the_person_whatever_browser_they_come_from(
    at_code: Browser, worker: FakeWorker
) -> None:
    for number in range(5):
        other = Browser(at_code.copy().client.__class__())
        other.get("/reset/").send({"name": " ALICE "})
        other.send({"offer": other.offer("totp")}).send({"code": f"00000{number}"})
    at_code.send({"code": "123456"})
    assert "too many wrong tries" in at_code.complaint()


def test_an_attempt_ended_by_the_worker_is_shown_as_over(at_code: Browser, worker: FakeWorker) -> None:
    with worker.state.writing() as tx:
        tx.execute(delete(attempts))
    at_code.send({"code": "123456"})
    assert at_code.status == 410
    assert "its time has run out, or your password was set" in at_code.text


def test_a_mailed_code_used_up_by_wrong_tries_is_shown_as_such(at_code: Browser, worker: FakeWorker) -> None:
    worker.clock.move(2)
    worker.mails()
    at_code.get(at_code.url.replace("/code/", "/prove/"))
    at_code.send({"offer": at_code.offer("email")})
    for number in range(2):
        at_code.send({"code": f"0000000{number}"})
        assert "That isn't the right code" in at_code.complaint()
    at_code.send({"code": "00000002"})
    assert "doesn't count any more, after so many wrong tries. Ask for a new one." in at_code.text
    assert 'name="code"' not in at_code.text
    assert "Send a new code" in at_code.text
    Offer.objects.update(sent=timezone.now() - timedelta(seconds=61))
    worker.clock.move(2)
    at_code.post(at_code.url.replace("/code/", "/resend/"))
    at_code.send({"code": worker.mailed_code()})
    assert "Choose one more way" in at_code.text


def test_a_code_whose_sending_was_not_confirmed_can_be_typed(at_code: Browser, worker: FakeWorker) -> None:
    at_code.get(at_code.url.replace("/code/", "/prove/"))
    at_code.send({"offer": at_code.offer("email")})
    Offer.objects.filter(kind="email").update(sent=timezone.now() - timedelta(minutes=6))
    worker.clock.move(2)
    worker.mails()
    assert 'name="code"' not in at_code.get(at_code.url).text
    the_box().loses_answers = True
    at_code.post(at_code.url.replace("/code/", "/resend/"))
    the_box().loses_answers = False
    assert 'name="code"' in at_code.text
    at_code.send({"code": worker.mailed_code()})
    assert "Choose one more way" in at_code.text


def test_a_refused_new_code_leaves_the_sent_code_valid(at_code: Browser) -> None:
    attempt = Attempt.objects.get(operation="reset")
    sent = timezone.now() - timedelta(minutes=2)
    attempt.offers.filter(kind="email").update(sent=sent, used_up=True)
    while not take("sendings", attempt.public_id, rates=SENDINGS):
        pass
    answer = start_factor(attempt, attempt.offers.get(kind="email"), locale="en", again=True)
    assert answer is not None
    assert answer.outcome is Outcome.LIMIT_REACHED
    assert (attempt.offers.get(kind="email").sent, attempt.offers.get(kind="email").used_up) == (sent, True)


def test_a_page_with_a_wrong_code_can_be_loaded_again_without_another_try(
    at_code: Browser, worker: FakeWorker
) -> None:
    page = at_code.url
    answer = at_code.client.post(page, "code=000000", content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, answer["Location"]) == (302, page)
    assert at_code.get(page).status == 422
    assert "isn't right, or has been used before" in at_code.complaint()
    tries = Event.objects.filter(event="factor.failed").count()
    for _ in range(6):
        assert at_code.get(page).status == 200
    assert Event.objects.filter(event="factor.failed").count() == tries


def test_a_refused_resend_leads_back_to_a_page_that_can_be_loaded_again(
    at_code: Browser, worker: FakeWorker
) -> None:
    worker.clock.move(2)
    at_code.get(at_code.url.replace("/code/", "/prove/"))
    at_code.send({"offer": at_code.offer("email")})
    at_code.post(at_code.url.replace("/code/", "/resend/"))
    assert (at_code.url.endswith("/code/"), at_code.status) == (True, 422)


def test_another_way_leads_back_to_the_choice(at_code: Browser) -> None:
    at_code.post(at_code.url.replace("/code/", "/another/"))
    assert at_code.url.endswith("/prove/")


def test_a_second_mail_within_a_minute_is_refused_with_the_seconds(
    at_code: Browser, worker: FakeWorker
) -> None:
    worker.clock.move(2)
    worker.mails()
    at_code.get(at_code.url.replace("/code/", "/prove/"))
    at_code.send({"offer": at_code.offer("email")})
    at_code.post(at_code.url.replace("/code/", "/resend/"))
    assert at_code.status == 422
    assert re.fullmatch(r"A code was sent a moment ago. Wait \d+ seconds?\.", at_code.complaint())
    assert len(worker.mails()) == 1


@pytest.mark.parametrize("offer", ["", "ab" * 16, "nonsense", ["a", "b"]])
def test_a_way_that_was_not_offered_is_refused(at_code: Browser, offer: object) -> None:
    at_code.get(at_code.url.replace("/code/", "/prove/"))
    assert at_code.send({"offer": offer}).status == 422


def test_the_code_page_without_a_choice_leads_to_the_choice(worker: FakeWorker, browser: Browser) -> None:
    browser.get("/reset/").send({"name": "nobody"})
    assert browser.get(browser.url.replace("/prove/", "/code/")).url.endswith("/prove/")


def test_the_end_of_an_older_code_is_not_taken_for_that_of_a_new_one(at_code: Browser) -> None:
    attempt = Attempt.objects.get(operation="reset")
    mail = attempt.offers.get(kind="email")
    Offer.objects.filter(pk=mail.pk).update(sent=timezone.now())  # by another window, meanwhile
    close_used_up(attempt, mail, Answer(outcome=Outcome.CODE_EXPIRED))
    assert not attempt.offers.get(kind="email").used_up
    close_used_up(attempt, attempt.offers.get(kind="email"), Answer(outcome=Outcome.CODE_EXPIRED))
    assert attempt.offers.get(kind="email").used_up
