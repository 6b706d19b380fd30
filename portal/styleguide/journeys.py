"""The pages of the journeys up to the result."""

from functools import partial
from typing import Any, TypeVar

from portal.dispatch.next_page import translate
from portal.dispatch.outcomes import sentence
from portal.gates.models import Attempt
from portal.gates.pages import NOT_ENOUGH, ended_page, why_over
from portal.selfservice.forms import AskingForm, ButtonForm, ChangeForm, NewPasswordForm, WhoForm
from portal.selfservice.outcomes import answer_of_row
from portal.selfservice.pages import (
    CLOSED,
    Closure,
    change_page,
    home_page,
    password_page,
    show_rules,
    unlock_page,
    who_page,
)
from portal.selfservice.register.pages import SIGNED_OUT
from portal.styleguide import samples
from portal.styleguide.page import Page
from portal.styleguide.samples import AT, make_answered, refusal
from writeback.envelope.answers import Answer, Outcome, PolicyFacts, PolicyRefusal
from writeback.envelope.jobs import Operation

HOME, WHO, ENDED = "selfservice/home.html", "selfservice/who.html", "selfservice/ended.html"
PASSWORD, CHANGE = "selfservice/password.html", "selfservice/change.html"
WRONG = answer_of_row(Outcome.WRONG_PASSWORD, {"seconds": 1800})


Form = TypeVar("Form", bound=AskingForm)


def refuse_form(form: Form, answer: Answer | None) -> Form:
    """Return this form as it is after its job was refused."""
    form.full_clean()
    form.reference = samples.REFERENCE
    form.refuse_all(answer)
    return form


def explain_closure(closed: Closure | None) -> str:
    """Return why a page is closed; empty if it is open."""
    return str(CLOSED[closed]) if closed else ""


def _make_home(
    *, rest: Closure | None = None, unlock: Closure | None = None, said: str = ""
) -> dict[str, Any]:
    closed = explain_closure(rest)
    done = translate([said]) if said else ""
    return home_page(reset=closed, unlock=explain_closure(unlock) or closed, rest=closed, said=done)


def _make_who(
    data: dict[str, str] | None = None, *, closed: Closure | None = None, **more: Any
) -> dict[str, Any]:
    return {"form": WhoForm(data)} | who_page(Operation.RESET, explain_closure(closed)) | more


def _make_password(
    form: NewPasswordForm, facts: PolicyFacts | PolicyRefusal | None = samples.ADAS
) -> dict[str, Any]:
    attempt = samples.attempt()
    page = password_page(attempt, show_rules(facts, general=False))
    return {"form": form, "ends": samples.ends(attempt)} | page


def show_refused_password(answer: Answer) -> dict[str, Any]:
    """Return the context of the page of a new password after a refusal."""
    return _make_password(NewPasswordForm.for_page(make_answered(Operation.RESET, answer)))


def _make_unlock() -> dict[str, Any]:
    attempt = samples.attempt(Operation.UNLOCK)
    return {"form": ButtonForm(), "ends": samples.ends(attempt)} | unlock_page(attempt)


def _make_change(
    form: ChangeForm, *, closed: Closure | None = None, why: Outcome | None = None
) -> dict[str, Any]:
    rules = show_rules(None if closed else samples.EVERYBODYS, general=True)
    said, reference = (sentence(Answer(outcome=why)), samples.REFERENCE) if why else ("", "")
    page = change_page(rules, closed=explain_closure(closed), why=said, reference=reference, can_unlock=True)
    return {"form": form} | page


def _make_expired() -> dict[str, Any]:
    return _make_change(ChangeForm(initial={"name": samples.NAME}), why=Outcome.PASSWORD_EXPIRED)


def _make_ended(attempt: Attempt, said: object, *, again: bool = True) -> dict[str, Any]:
    return ended_page(attempt, str(said), again=again)


def _make_over() -> dict[str, Any]:
    attempt = samples.make_idle(600)
    return _make_ended(attempt, why_over(attempt, AT))


PAGES = {
    "home": Page(HOME, _make_home),
    "home-signed-out": Page(HOME, partial(_make_home, said=SIGNED_OUT)),
    "home-no-unlock": Page(HOME, partial(_make_home, unlock=Closure.OPERATION_OFF)),
    "home-closed": Page(HOME, partial(_make_home, rest=Closure.DIRECTORY_AWAY)),
    "who": Page(WHO, _make_who),
    "who-empty": Page(WHO, partial(_make_who, {})),
    "who-refused": Page(
        WHO, lambda: _make_who() | {"form": refuse_form(WhoForm({"name": samples.NAME}), None)}
    ),
    "who-challenge": Page(WHO, partial(_make_who, challenge=samples.CHALLENGE)),
    "who-closed": Page(WHO, partial(_make_who, closed=Closure.DIRECTORY_AWAY)),
    "stuck": Page(ENDED, lambda: _make_ended(samples.attempt(), NOT_ENOUGH, again=False)),
    "ended": Page(ENDED, _make_over),
    "password": Page(PASSWORD, lambda: _make_password(NewPasswordForm())),
    "password-no-rules": Page(PASSWORD, lambda: _make_password(NewPasswordForm(), None)),
    "password-not-yet": Page(PASSWORD, lambda: _make_password(NewPasswordForm(), samples.TOO_YOUNG)),
    "password-empty": Page(PASSWORD, lambda: _make_password(NewPasswordForm({}))),
    "password-short": Page(PASSWORD, lambda: show_refused_password(refusal(left=4))),
    "password-few-tries": Page(PASSWORD, lambda: show_refused_password(refusal(left=2))),
    "unlock": Page("selfservice/unlock.html", _make_unlock),
    "change": Page(CHANGE, lambda: _make_change(ChangeForm())),
    "change-expired": Page(CHANGE, _make_expired),
    "change-wrong": Page(CHANGE, lambda: _make_change(refuse_form(ChangeForm(samples.WORDS), WRONG))),
    "change-closed": Page(CHANGE, lambda: _make_change(ChangeForm(), closed=Closure.DIRECTORY_AWAY)),
}
