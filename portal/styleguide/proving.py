"""The pages for proving who you are."""

from typing import Any

from portal.gates.forms import ProveForm
from portal.gates.models import Attempt, Offer, Policy
from portal.gates.pages import code_page, prove_page, used_up_page
from portal.gates.queries import needed
from portal.methods.forms import CodeForm
from portal.methods.registry import METHODS
from portal.styleguide import samples
from portal.styleguide.page import Page
from portal.styleguide.samples import AT, offer, offers, pick_choosable
from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.jobs import Operation
from writeback.envelope.methods import MethodKind

PROVE, CODE = "gates/prove.html", "gates/code.html"
TOTP, EMAIL, BACKUP_CODES = MethodKind.TOTP, MethodKind.EMAIL, MethodKind.BACKUP_CODES


def _show_end(attempt: Attempt) -> dict[str, Any]:
    """Return the context that says when the attempt ends; the pages of a sign-in don't have it."""
    return {} if attempt.operation == Operation.REGISTER else {"ends": samples.ends(attempt)}


def _make_prove(
    there: list[Offer], data: dict[str, str] | None = None, *, attempt: Attempt | None = None
) -> dict[str, Any]:
    of = attempt or samples.attempt()
    least = needed(of, Policy()).methods
    form = ProveForm(data, offers=pick_choosable(there))
    return prove_page(of, form, there, needed=least, now=AT) | _show_end(of)


def _make_sign_in(there: list[Offer]) -> dict[str, Any]:
    return _make_prove(there, attempt=samples.attempt(Operation.REGISTER))


def _make_code(
    of: Offer,
    *,
    attempt: Attempt | None = None,
    answer: Answer | None = None,
    sent: bool = False,
    others: bool = True,
) -> dict[str, Any]:
    method, by = METHODS[MethodKind(of.kind)], attempt or samples.attempt()
    why = CodeForm(method=method).why(answer) if answer else ""
    form = CodeForm.with_refusal(method, why)
    return code_page(by, form, of, others=others, sent=sent, now=AT) | _show_end(by)


WRONG = Answer(outcome=Outcome.WRONG_CODE)
PAGES = {
    "prove": Page(PROVE, lambda: _make_prove(offers())),
    "prove-none-chosen": Page(PROVE, lambda: _make_prove(offers(), {})),
    "prove-second": Page(PROVE, lambda: _make_prove(offers(proven={TOTP}))),
    "prove-closed": Page(PROVE, lambda: _make_prove(offers(closed={TOTP}))),
    "prove-only": Page(PROVE, lambda: _make_sign_in(offers({EMAIL}, known=True))),
    "prove-only-second": Page(PROVE, lambda: _make_prove(offers({TOTP, EMAIL}, proven={TOTP}))),
    "prove-only-of-two": Page(PROVE, lambda: _make_prove(offers(closed={TOTP, BACKUP_CODES}))),
    "prove-signed-in": Page(PROVE, lambda: _make_sign_in(offers({TOTP, EMAIL}, known=True))),
    "used-up": Page("gates/used_up.html", lambda: used_up_page(samples.attempt(), [720, 900])),
    "code-mail": Page(CODE, lambda: _make_code(offer(EMAIL, sent=51))),
    "code-mail-late": Page(CODE, lambda: _make_code(offer(EMAIL, sent=90))),
    "code-mail-sent-again": Page(CODE, lambda: _make_code(offer(EMAIL, sent=0), sent=True)),
    "code-mail-signed-in": Page(
        CODE,
        lambda: _make_code(offer(EMAIL, known=True, sent=51), attempt=samples.attempt(Operation.REGISTER)),
    ),
    "code-app": Page(CODE, lambda: _make_code(offer(TOTP))),
    "code-app-only": Page(CODE, lambda: _make_code(offer(TOTP), others=False)),
    "code-app-wrong": Page(CODE, lambda: _make_code(offer(TOTP), answer=WRONG)),
    "code-backup": Page(CODE, lambda: _make_code(offer(BACKUP_CODES))),
    "code-wrong": Page(CODE, lambda: _make_code(offer(EMAIL, sent=51), answer=WRONG)),
    "code-too-old": Page(CODE, lambda: _make_code(offer(EMAIL, sent=360))),
    "code-used-up": Page(CODE, lambda: _make_code(offer(EMAIL, sent=200, used_up=True))),
    "code-ending": Page(CODE, lambda: _make_code(offer(TOTP), attempt=samples.make_idle(600 - 110))),
}
