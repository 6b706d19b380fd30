"""Where a browser is led between the pages of a journey."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from portal.gates.flows import NotBegun, begin
from portal.gates.models import Attempt
from portal.gates.session import bind, finish, lead_onward, renew
from portal.people.rules import username_of
from portal.selfservice.flows import change_password, follow
from portal.selfservice.forms import ChangeForm
from portal.selfservice.outcomes import MAY_COUNT, answer_of_row, refusals
from portal.selfservice.queries import directory, is_refused
from portal.throttle.door import Door, remember_browser
from portal.web.language import language
from writeback.envelope.answers import Outcome
from writeback.envelope.jobs import Operation

# What the session keeps for the page of that name: what led there, for whom, the reference, and whose rules.
CHANGE = "change"


def lead_to_result(request: HttpRequest, attempt: Attempt) -> HttpResponse:
    """Lead to the result page under a fresh session key; what is final leaves nothing to go on with.

    A browser that has sent the form twice listens to the second answer only: it would never hear of the
    fresh key, so it keeps the one that it has.
    """
    if attempt.finished:
        finish(request)
    _remember_if_done(request, attempt)
    if not attempt.repeated:
        renew(request)
    return redirect("result", attempt.public_id)


def look_again(request: HttpRequest, attempt: Attempt) -> None:
    """Ask what became of an attempt whose answer was not there in time."""
    before = attempt.state
    follow(attempt)
    if attempt.state != before:
        _remember_if_done(request, attempt)


def _remember_if_done(request: HttpRequest, attempt: Attempt) -> None:
    """Remember a browser in which somebody has done what they came for."""
    account = attempt.facts.get("account")
    if attempt.state == Attempt.State.DONE and account:
        remember_browser(request, person=username_of(attempt.directory, str(account)))


def leave_result(request: HttpRequest, attempt: Attempt) -> HttpResponse:
    """Lead on from a result page that has nothing to show, or back to choose another password."""
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
    """Lead to the page that changes a password, which says why.

    Args:
        request: of the browser.
        outcome: of what led there.
        facts: as kept by `facts_to_keep`.
        name: as typed, for the field.
        reference: of what led there, for the helpdesk.
    """
    request.session[CHANGE] = {"outcome": outcome, "facts": facts, "name": name, "reference": reference}
    return redirect("change")


def send_change(request: HttpRequest, form: ChangeForm, door: Door) -> Attempt | None:
    """Send a change; return its attempt, or None with the reason in the form."""
    told = form.cleaned_data
    request.session[CHANGE] = {**request.session.get(CHANGE, {}), "policy": None}
    attempt = begin(
        request, operation=Operation.CHANGE, name=told["name"], directory=directory(), locale=language()
    )
    form.reference = attempt.reference
    if isinstance(attempt, NotBegun):
        door.take_back_failure()
        form.refuse_all(attempt.answer)
        return None
    bind(request, attempt)
    change_password(attempt, new=told["new"], old=told["current"], locale=language())
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
    """Keep the rules that a refusal has told: they are this person's, not everybody's."""
    request.session[CHANGE] = {**request.session.get(CHANGE, {}), "policy": attempt.facts.get("policy")}
