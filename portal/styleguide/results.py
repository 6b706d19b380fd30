"""The result pages, and one page for each possible outcome of a reset."""

from dataclasses import replace
from functools import partial
from typing import Any

from portal.selfservice.pages import result_page
from portal.selfservice.queries import is_refused
from portal.styleguide import samples
from portal.styleguide.journeys import PASSWORD, show_refused_password
from portal.styleguide.page import Page
from portal.styleguide.samples import AT, make_answered, refusal
from writeback.envelope.answers import Answer, Outcome, Wait
from writeback.envelope.jobs import Operation

RESULT = "selfservice/result.html"
RESET, UNLOCK, CHANGE = Operation.RESET, Operation.UNLOCK, Operation.CHANGE
WAITS = {Outcome.TOO_MANY_TRIES, Outcome.TOO_SOON, Outcome.SIGN_IN_CLOSED, Outcome.LIMIT_REACHED}


def _make_done(*, unlocked: bool = False, ended: int = 0) -> Answer:
    facts = replace(samples.APPLIED, unlocked=unlocked, ended=ended)
    return Answer(outcome=Outcome.DONE, facts=facts)


ANSWERS: dict[str, tuple[Operation, Answer]] = {
    "waiting": (RESET, Answer(outcome=Outcome.IN_PROGRESS)),
    "waiting-not-taken": (RESET, Answer(outcome=Outcome.NOT_TAKEN)),
    "done": (RESET, _make_done(unlocked=True)),
    "done-others-ended": (RESET, _make_done(unlocked=True, ended=1)),
    "partial": (RESET, Answer(outcome=Outcome.PARTIAL, facts=samples.APPLIED)),
    "not-done": (RESET, Answer(outcome=Outcome.DIRECTORY_AWAY)),
    "not-done-wait": (RESET, Answer(outcome=Outcome.LIMIT_REACHED, facts=Wait(seconds=300))),
    "not-done-tries": (RESET, refusal(left=0, again=52 * 60)),
    "not-done-hopeless": (RESET, Answer(outcome=Outcome.ACCOUNT_DISABLED)),
    "unsure": (RESET, Answer(outcome=Outcome.UNKNOWN)),
    "unlock-done": (UNLOCK, _make_done(unlocked=True)),
    "unlock-not-needed": (UNLOCK, Answer(outcome=Outcome.NOT_LOCKED)),
    "unlock-unsure": (UNLOCK, Answer(outcome=Outcome.UNKNOWN)),
    "change-done": (CHANGE, _make_done()),
}
"""For each page, the operation and the worker's answer to its job."""


def _make_result(operation: Operation, answer: Answer, *, twice: bool = False) -> Page:
    def context() -> dict[str, Any]:
        return result_page(make_answered(operation, answer, twice=twice), can_unlock=True, now=AT)

    return Page(RESULT, context)


PAGES = {name: _make_result(operation, answer) for name, (operation, answer) in ANSWERS.items()}
PAGES["done-sent-twice"] = _make_result(RESET, _make_done(unlocked=True), twice=True)


def answer_with(outcome: Outcome) -> Answer:
    """Return an answer with this outcome and the facts that belong to it."""
    if outcome in {Outcome.DONE, Outcome.PARTIAL}:
        return Answer(outcome=outcome, facts=samples.APPLIED)
    if outcome is Outcome.REFUSED_BY_POLICY:
        return refusal(left=4)
    return Answer(outcome=outcome, facts=Wait(seconds=300) if outcome in WAITS else None)


def _make_ending(outcome: Outcome) -> Page:
    answer = answer_with(outcome)
    if is_refused(make_answered(RESET, answer)):
        return Page(PASSWORD, partial(show_refused_password, answer))
    return _make_result(RESET, answer)


ENDINGS = {f"ending-{outcome}": _make_ending(outcome) for outcome in Outcome}
