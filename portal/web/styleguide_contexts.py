"""What the templates are given on the pages of the styleguide, a function for each kind of page."""

from datetime import timedelta
from typing import Any

from portal.web import samples
from portal.web.context import Ends
from portal.web.forms import PlainForm

Context = dict[str, Any]
STEP_1, STEP_2, STEP_3, STEP_4 = ({"step": number, "steps": 4} for number in range(1, 5))


_AT = samples.AT
ENDS = Ends(at=_AT + timedelta(minutes=7), latest=_AT + timedelta(minutes=12), now=_AT)


def prove(**more: Any) -> Context:
    title = "Prove it's you"
    return (
        {"title": title, "form": samples.Prove(), "offers": samples.OFFERS, "needed": 2, "proven": 0}
        | {"attempt": samples.ATTEMPT, "ends": ENDS}
        | STEP_2
        | more
    )


def code(kind: int, **more: Any) -> Context:
    offer = samples.OFFERS[kind] | {"digits": (6, 8, 0)[kind], "sends": kind == 1, "help": samples.HELP[kind]}
    made = {"title": "Prove it's you", "form": samples.Code(), "attempt": samples.ATTEMPT, "offer": offer}
    made |= {"others": True, "resend_in": 10, "ends": ENDS}
    if kind == 1:
        made["good_until"] = ENDS.at
    return made | STEP_2 | more


def signed_in(page: Context) -> Context:
    """Return a page of gates as it is after signing in: no road of four steps, and no end of its own."""
    shown = {name: value for name, value in page.items() if name not in {"step", "steps", "ends"}}
    return shown | {"attempt": samples.SIGNED_IN}


def password(form: PlainForm, **more: Any) -> Context:
    made = {"title": "Choose a new password", "form": form, "attempt": samples.ATTEMPT, "username": "ada"}
    return made | {"rules": samples.RULES, "names": ["ada", "lovelace"], "ends": ENDS} | STEP_3 | more


def result(state: str, title: str, sentence: str, **more: Any) -> Context:
    made = {"title": title, "state": state, "sentence": sentence, "attempt": samples.ATTEMPT}
    return made | STEP_4 | more


def ways(**more: Any) -> Context:
    made: Context = {
        "title": "Ways to prove it's you",
        "person": "Ada Lovelace",
        "factors": samples.FACTORS,
        "missing": "",
    }
    made |= {"addable": samples.addable(), "stepped_up": True, "step_up_url": "/"}
    return made | {"reference": samples.ATTEMPT["reference"]} | more


def add(title: str, **more: Any) -> Context:
    return {"title": title, "person": "Ada Lovelace", "factor": samples.FACTORS[0]} | more


def went_wrong(status: int, title: str, sentence: str) -> Context:
    return {"status": status, "title": title, "sentence": sentence}
