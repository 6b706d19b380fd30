"""Which attempt belongs to this browser: the session decides, never an address or a form."""

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from portal.audit.flows import record
from portal.gates.flows import count_look, mark_repeated, void
from portal.gates.models import Attempt, Offer
from portal.gates.pages import FOREIGN, NOT_ENOUGH, TAKEN_OVER, ended_page, used_up_page, why_over
from portal.gates.queries import offers, policy, seconds_closed, step_of
from portal.gates.rules import Step
from portal.web.context import ENDS, Ends
from portal.web.queries import find_one
from portal.web.site_map import site_map
from writeback.envelope.jobs import Operation

CURRENT, EARLIER, CHOSEN = "attempt", "attempts", "offer"
GOING_ON = (Step.PROVE, Step.ACT)
P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, Attempt, P], HttpResponse]


def bind(request: HttpRequest, attempt: Attempt) -> None:
    """Make an attempt this browser's current one, under a new session key; close the one before for good."""
    before = find_one(Attempt.objects.filter(public_id=request.session.get(CURRENT, "")))
    if before:
        void(before, why="another attempt in this browser")
    earlier = [*request.session.get(EARLIER, []), attempt.public_id][-5:]
    request.session.cycle_key()
    request.session[CURRENT], request.session[EARLIER] = attempt.public_id, earlier


def renew(request: HttpRequest) -> None:
    """Change the session's key, after a step that gave the session more rights."""
    request.session.cycle_key()


def finish(request: HttpRequest) -> None:
    """Forget the current attempt; from now on this browser can only look at its result."""
    request.session.pop(CURRENT, None)
    request.session.pop(CHOSEN, None)


def choose(request: HttpRequest, offer: Offer) -> None:
    """Keep the chosen way in the session, so that the code page need not trust the browser about it."""
    request.session[CHOSEN] = offer.handle


def read_choice(request: HttpRequest) -> str:
    """Return the handle of the way that was chosen last; empty if none was."""
    return str(request.session.get(CHOSEN, ""))


def find_own_attempt(request: HttpRequest, public_id: str) -> Attempt | None:
    """Return this attempt if it was begun in this browser, now or earlier; else None."""
    if public_id not in request.session.get(EARLIER, []):
        return None
    return find_one(Attempt.objects.filter(public_id=public_id))


def at_step(*steps: Step) -> Callable[[Page[P]], Callable[..., HttpResponse]]:
    """Show a view only to the browser of its attempt, and only at one of these steps.

    At another step, the browser is led to the page that is due. Another browser is told that this is over.
    """

    def decorate(view: Page[P]) -> Callable[..., HttpResponse]:
        @functools.wraps(view)
        def guarded(request: HttpRequest, public_id: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            attempt = find_own_attempt(request, public_id)
            if attempt is None:
                return _refuse_foreign(request)
            if attempt.state == Attempt.State.VOID:
                return show_end(request, attempt, str(TAKEN_OVER))
            step = _read_step(request, attempt)
            if request.method == "POST" and step is Step.RESULT and Step.ACT in steps:
                mark_repeated(attempt)
            return (
                view(request, attempt, *args, **kwargs)
                if step in steps
                else lead_onward(request, attempt, step)
            )

        return guarded

    return decorate


def lead_onward(request: HttpRequest, attempt: Attempt, step: Step | None = None) -> HttpResponse:
    """Lead the browser to the page that is due in an attempt."""
    match step or step_of(attempt):
        case Step.PROVE:
            return redirect("prove", attempt.public_id)
        case Step.ACT:
            return redirect(site_map().url_to_act(attempt.operation, attempt.public_id))
        case Step.RESULT:
            return redirect(site_map().result, attempt.public_id)
        case Step.STUCK:
            return show_end(request, attempt, str(NOT_ENOUGH), again=False)
        case Step.USED_UP:
            return _show_used_up(request, attempt)
        case _:
            return show_end(request, attempt, why_over(attempt))


def show_end(
    request: HttpRequest,
    attempt: Attempt | None,
    sentence: str,
    *,
    status: int = 410,
    again: bool = True,
    reference: str = "",
) -> HttpResponse:
    """Return the page that says that an attempt can't go on.

    Args:
        request: the request of the browser.
        attempt: the attempt; None if there is none, or it is not this browser's.
        sentence: why it can't go on.
        status: status of the response.
        again: False if another attempt would end in the same way.
        reference: the reference for the helpdesk, if there is no attempt that has one.
    """
    context = ended_page(attempt, sentence, again=again, reference=reference)
    return render(request, site_map().ended, context, status=status)


def _read_step(request: HttpRequest, attempt: Attempt) -> Step:
    """Return the step that is due. This counts a GET as a sign of life, and tells the page when all ends."""
    step = step_of(attempt)
    if step not in GOING_ON or attempt.operation == Operation.REGISTER:
        return step
    if request.method != "POST":
        count_look(attempt)
        step = step_of(attempt) if attempt.is_expired() else step
    request.META[ENDS] = Ends(at=attempt.ends, latest=attempt.expires, now=timezone.now())
    return step


def _show_used_up(request: HttpRequest, attempt: Attempt) -> HttpResponse:
    """Return the page that says that no way takes another try for now; it is the same for everybody."""
    waits = [seconds for offer in offers(attempt, policy()) if (seconds := seconds_closed(offer))]
    return render(request, "gates/used_up.html", used_up_page(attempt, waits), status=429)


def _refuse_foreign(request: HttpRequest) -> HttpResponse:
    current = find_one(Attempt.objects.filter(public_id=request.session.get(CURRENT, "")))
    if request.method == "POST" and current:
        void(current, why="subject-mismatch")
        record("attempt.subject-mismatch", reference=current.reference)
    return show_end(request, current, str(FOREIGN), status=403)
