"""What each result page offers to do next: a table over all outcomes, with and without a wait."""

import re
from datetime import timedelta

import pytest
from django.template.loader import render_to_string
from django.utils import timezone

from portal.gates.models import Attempt
from portal.selfservice.flows import state_after
from portal.selfservice.outcomes import HOPELESS
from portal.selfservice.queries import read_result_page
from writeback.envelope.answers import Outcome
from writeback.envelope.jobs import Operation

WAITS: list[dict[str, object]] = [{}, {"seconds": 20}, {"seconds": 3600}]


def shown(operation: Operation, outcome: Outcome, facts: dict[str, object], *, ago: int = 0) -> str:
    """Return the words of a result page, its buttons and links in brackets."""
    now = timezone.now()
    attempt = Attempt(
        operation=operation,
        outcome=outcome,
        facts=facts,
        state=state_after(outcome, facts),
        reference="ABCD-EFGH",
        sent=now - timedelta(seconds=ago),
        expires=now + timedelta(minutes=10),
    )
    page = str(render_to_string("selfservice/result.html", read_result_page(attempt)))
    page = re.sub(
        r"<(?:a|button)\b[^>]*>(.*?)</(?:a|button)>", r"[\1]", page[page.index("<main") :], flags=re.DOTALL
    )
    return " ".join(re.sub("<[^>]+>", " ", page).split())


@pytest.mark.django_db
@pytest.mark.parametrize("operation", [Operation.RESET, Operation.UNLOCK, Operation.CHANGE])
@pytest.mark.parametrize("outcome", list(Outcome))
def test_no_page_says_wait_and_try_again(operation: Operation, outcome: Outcome) -> None:
    for facts in WAITS:
        said = shown(operation, outcome, facts)
        if re.search(r"Wait \d+ (seconds|minutes|hours)", said):
            assert not re.search(r"Try (it )?again|\[Start again|later", said), said
        if facts == WAITS[2] and "Wait" in said:
            assert "Go on" not in said, said


@pytest.mark.parametrize("outcome", sorted(HOPELESS))
def test_an_action_that_would_fail_again_is_not_offered(outcome: Outcome) -> None:
    said = shown(Operation.RESET, outcome, {})
    assert "[Back to the start]" in said
    assert "again]" not in said


def test_a_wait_shorter_than_the_attempt_can_be_sat_out() -> None:
    assert "Wait 20 seconds. [Go on after that]" in shown(Operation.RESET, Outcome.LIMIT_REACHED, WAITS[1])
    assert "[Try again]" in shown(Operation.RESET, Outcome.LIMIT_REACHED, {})


def test_a_wait_that_is_over_is_no_longer_shown() -> None:
    assert "Wait 50 minutes." in shown(Operation.RESET, Outcome.LIMIT_REACHED, WAITS[2], ago=601)
    said = shown(Operation.RESET, Outcome.LIMIT_REACHED, WAITS[1], ago=21)
    assert ("Wait" in said, "[Try again]" in said) == (False, True)
