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
    shown_rules,
    unlock_page,
    who_page,
)
from portal.selfservice.register.pages import SIGNED_OUT
from portal.styleguide import samples
from portal.styleguide.page import Page
from portal.styleguide.samples import AT, answered, refusal
from writeback.envelope.answers import Answer, Outcome, PolicyFacts, PolicyRefusal
from writeback.envelope.jobs import Operation

HOME, WHO, ENDED = "selfservice/home.html", "selfservice/who.html", "selfservice/ended.html"
PASSWORD, CHANGE = "selfservice/password.html", "selfservice/change.html"
WRONG = answer_of_row(Outcome.WRONG_PASSWORD, {"seconds": 1800})


Form = TypeVar("Form", bound=AskingForm)


def refused(form: Form, answer: Answer | None) -> Form:
    """Return a form that was sent, and whose job was refused."""
    form.full_clean()
    form.reference = samples.REFERENCE
    form.refuse_all(answer)
    return form


def said_of(closed: Closure | None) -> str:
    """Return why a page is closed; empty for one that is open."""
    return str(CLOSED[closed]) if closed else ""


def _home(*, rest: Closure | None = None, unlock: Closure | None = None, said: str = "") -> dict[str, Any]:
    closed = said_of(rest)
    done = translate([said]) if said else ""
    return home_page(reset=closed, unlock=said_of(unlock) or closed, rest=closed, said=done)


def _who(data: dict[str, str] | None = None, *, closed: Closure | None = None, **more: Any) -> dict[str, Any]:
    return {"form": WhoForm(data)} | who_page(Operation.RESET, said_of(closed)) | more


def _password(
    form: NewPasswordForm, told: PolicyFacts | PolicyRefusal | None = samples.ADAS
) -> dict[str, Any]:
    attempt = samples.attempt()
    page = password_page(attempt, shown_rules(told, general=False))
    return {"form": form, "ends": samples.ends(attempt)} | page


def refused_password(answer: Answer) -> dict[str, Any]:
    """Return what the page of a new password is given after a refusal."""
    return _password(NewPasswordForm.for_page(answered(Operation.RESET, answer)))


def _unlock() -> dict[str, Any]:
    attempt = samples.attempt(Operation.UNLOCK)
    return {"form": ButtonForm(), "ends": samples.ends(attempt)} | unlock_page(attempt)


def _change(form: ChangeForm, *, closed: Closure | None = None, why: Outcome | None = None) -> dict[str, Any]:
    rules = shown_rules(None if closed else samples.EVERYBODYS, general=True)
    said, reference = (sentence(Answer(outcome=why)), samples.REFERENCE) if why else ("", "")
    page = change_page(rules, closed=said_of(closed), why=said, reference=reference, can_unlock=True)
    return {"form": form} | page


def _expired() -> dict[str, Any]:
    return _change(ChangeForm(initial={"name": samples.NAME}), why=Outcome.PASSWORD_EXPIRED)


def _ended(attempt: Attempt, said: object, *, again: bool = True) -> dict[str, Any]:
    return ended_page(attempt, str(said), again=again)


def _over() -> dict[str, Any]:
    attempt = samples.left_alone(600)
    return _ended(attempt, why_over(attempt, AT))


PAGES = {
    "home": Page(HOME, _home),
    "home-signed-out": Page(HOME, partial(_home, said=SIGNED_OUT)),
    "home-no-unlock": Page(HOME, partial(_home, unlock=Closure.OPERATION_OFF)),
    "home-closed": Page(HOME, partial(_home, rest=Closure.DIRECTORY_AWAY)),
    "who": Page(WHO, _who),
    "who-empty": Page(WHO, partial(_who, {})),
    "who-refused": Page(WHO, lambda: _who() | {"form": refused(WhoForm({"name": samples.NAME}), None)}),
    "who-challenge": Page(WHO, partial(_who, challenge=samples.CHALLENGE)),
    "who-closed": Page(WHO, partial(_who, closed=Closure.DIRECTORY_AWAY)),
    "stuck": Page(ENDED, lambda: _ended(samples.attempt(), NOT_ENOUGH, again=False)),
    "ended": Page(ENDED, _over),
    "password": Page(PASSWORD, lambda: _password(NewPasswordForm())),
    "password-no-rules": Page(PASSWORD, lambda: _password(NewPasswordForm(), None)),
    "password-not-yet": Page(PASSWORD, lambda: _password(NewPasswordForm(), samples.TOO_YOUNG)),
    "password-empty": Page(PASSWORD, lambda: _password(NewPasswordForm({}))),
    "password-short": Page(PASSWORD, lambda: refused_password(refusal(left=4))),
    "password-few-tries": Page(PASSWORD, lambda: refused_password(refusal(left=2))),
    "unlock": Page("selfservice/unlock.html", _unlock),
    "change": Page(CHANGE, lambda: _change(ChangeForm())),
    "change-expired": Page(CHANGE, _expired),
    "change-wrong": Page(CHANGE, lambda: _change(refused(ChangeForm(samples.WORDS), WRONG))),
    "change-closed": Page(CHANGE, lambda: _change(ChangeForm(), closed=Closure.DIRECTORY_AWAY)),
}
