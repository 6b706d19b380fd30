"""What the next page says: kept as facts, and made into sentences when it is shown."""

import pytest
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.http import HttpRequest
from django.test import RequestFactory
from django.utils.translation import gettext_noop

from portal.dispatch.next_page import SAID, say, say_answer, take_message
from portal.dispatch.outcomes import sentence
from writeback.envelope.answers import Answer, Outcome, Wait

ANSWERS = [Answer(outcome=each) for each in Outcome] + [
    Answer(outcome=Outcome.TOO_SOON, facts=Wait(seconds=40)),
    Answer(outcome=Outcome.WRONG_PASSWORD, facts=Wait(seconds=1800)),
]


@pytest.fixture
def request_(rf: RequestFactory) -> HttpRequest:
    request = rf.get("/reset/")
    request.session = SessionStore()
    return request


@pytest.mark.parametrize("answer", [None, *ANSWERS])
def test_an_answer_is_kept_as_facts_and_said_once(request_: HttpRequest, answer: Answer | None) -> None:
    say_answer(request_, "/reset/", answer)
    assert " " not in "".join(map(str, request_.session[SAID]["answer"].values()))
    assert take_message(request_) == sentence(answer)
    assert take_message(request_) == ""


def test_a_wrong_code_is_reported_in_the_words_of_its_method(request_: HttpRequest) -> None:
    wrong = gettext_noop("Check the digits.")
    say_answer(request_, "/reset/", Answer(outcome=Outcome.WRONG_CODE), wrong=wrong)
    assert take_message(request_) == wrong


def test_messages_are_paragraphs_of_the_page_that_they_are_for(request_: HttpRequest) -> None:
    say(request_, "/unlock/", "You're signed out.")
    assert take_message(request_) == ""
    say(request_, "/reset/", "You aren't signed in here, or not any more.", "Sign in to go on.")
    assert take_message(request_) == "You aren't signed in here, or not any more.\n\nSign in to go on."


def test_what_an_older_version_has_kept_does_not_break_a_page(request_: HttpRequest) -> None:
    request_.session[SAID] = {"at": "/reset/", "text": "A sentence."}
    assert take_message(request_) == ""
