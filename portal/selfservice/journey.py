"""Leads a browser between the pages of a journey."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from portal.gates.flows import NotBegun, begin
from portal.gates.models import Attempt
from portal.gates.session import bind, finish, lead_onward, renew
from portal.people.rules import username_of
from portal.selfservice.flows import change_password, follow
from portal.selfservice.forms import ChangeForm
from portal.selfservice.outcomes import MAY_COUNT, answer_of_row, refusals
from portal.selfservice.queries import is_refused, site
from portal.throttle.door import Door, remember_browser
from portal.web.language import language
from writeback.envelope.answers import Outcome
from writeback.envelope.jobs import Operation

# The session's key for what the page of a change needs: an outcome and its facts, name, reference, and rules.
CHANGE = "change"


def lead_to_result(request: HttpRequest, attempt: Attempt) -> HttpResponse:
    """Lead to the result page, under a new session key; a final result ends the current attempt.

    A browser that has sent the form twice reads only the second response and would miss a new key in the
    first one, so then the key stays.
    """
    if attempt.finished:
        finish(request)
    with transaction.atomic():  # one commit for both
        _remember_if_done(request, attempt)
        if not attempt.repeated:
            renew(request)
    return redirect("result", attempt.public_id)


def look_again(request: HttpRequest, attempt: Attempt) -> None:
    """Ask again what became of an attempt, if its result is not final."""
    before = attempt.state
    follow(attempt)
    if attempt.state != before:
        _remember_if_done(request, attempt)


def _remember_if_done(request: HttpRequest, attempt: Attempt) -> None:
    """Remember this browser if its attempt has ended well."""
    account, directory = (str(attempt.facts.get(name, "")) for name in ("account", "directory"))
    if attempt.state == Attempt.State.DONE and account:
        remember_browser(request, person=username_of(directory, account))


def leave_result(request: HttpRequest, attempt: Attempt) -> HttpResponse:
    """Leave a result page that has no result to show: to the page that is due, or to another password."""
    if attempt.operation == Operation.CHANGE and is_refused(attempt):
        lead_to_change(
            request,
            outcome=attempt.outcome,
            facts=attempt.facts,
            name=attempt.name,
            reference=attempt.reference,
        )
        _learn(request, attempt)
    return lead_onward(request, attempt)


def lead_to_change(
    request: HttpRequest, *, outcome: str, facts: dict[str, object], name: str, reference: str
) -> HttpResponse:
    """Lead to the page of a change, which says why the person was led there.

    Args:
        request: the request of the browser.
        outcome: the outcome that is the reason.
        facts: facts as returned by `facts_to_keep`.
        name: the name as typed, for the field.
        reference: the reference of the job with this outcome, for the helpdesk.
    """
    request.session[CHANGE] = {"outcome": outcome, "facts": facts, "name": name, "reference": reference}
    return redirect("change")


def send_change(request: HttpRequest, form: ChangeForm, door: Door) -> Attempt | None:
    """Send a change and return its attempt; if it is refused, return None and put the reason in the form."""
    typed = form.cleaned_data
    request.session[CHANGE] = {**request.session.get(CHANGE, {}), "policy": None}
    attempt = begin(request, operation=Operation.CHANGE, name=typed["name"], site=site(), locale=language())
    form.reference = attempt.reference
    if isinstance(attempt, NotBegun):
        door.take_back_failure()
        form.refuse_all(attempt.answer)
        return None
    bind(request, attempt)
    change_password(attempt, new=typed["new"], old=typed["current"], locale=language())
    if attempt.outcome and attempt.outcome not in MAY_COUNT:
        door.take_back_failure()
    if is_refused(attempt):
        form.refuse(refusals(attempt.outcome, attempt.facts))
        _learn(request, attempt)
        return None
    if attempt.outcome == Outcome.WRONG_PASSWORD:
        form.refuse_all(answer_of_row(attempt.outcome, attempt.facts))
        return None
    request.session.pop(CHANGE, None)
    return attempt


def _learn(request: HttpRequest, attempt: Attempt) -> None:
    """Keep the rules from a refusal: unlike the directory's, they are this person's own."""
    request.session[CHANGE] = {**request.session.get(CHANGE, {}), "policy": attempt.facts.get("policy")}
