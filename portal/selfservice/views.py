"""Steps 2 and 8 of 8: the views of the journeys. They speak HTTP only; flows.py does the work.

docs/reference/pages.md lists every address, its template, and what the template is given.
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from portal.dispatch.next_page import take_message
from portal.gates.flows import begin
from portal.gates.models import Attempt
from portal.gates.rules import Step
from portal.gates.session import at_step, bind, find_own_attempt, lead_onward, show_end
from portal.selfservice.flows import set_password, unlock
from portal.selfservice.forms import ButtonForm, ChangeForm, NewPasswordForm, WhoForm
from portal.selfservice.journey import CHANGE, lead_to_result, leave_result, look_again, send_change
from portal.selfservice.pages import ending_of, password_page, unlock_page, who_page
from portal.selfservice.queries import (
    is_refused,
    read_away,
    read_change_page,
    read_home_page,
    read_result_page,
    read_rules,
    site,
    why_closed,
)
from portal.throttle.door import Door
from portal.web.decorators import handles_secrets
from portal.web.language import language
from writeback.envelope.jobs import Operation

GET_OR_POST = ["GET", "HEAD", "POST"]


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "selfservice/home.html", read_home_page(take_message(request)))


@require_http_methods(GET_OR_POST)
@handles_secrets
def who(request: HttpRequest, operation: Operation) -> HttpResponse:
    door, closed = Door(request), why_closed(operation)
    form = WhoForm(request.POST if request.method == "POST" and not closed else None)
    if form.is_valid() and door.lets_in(form):
        name = form.cleaned_data["name"]
        attempt = begin(request, operation=operation, name=name, site=site(), locale=language())
        if isinstance(attempt, Attempt):
            bind(request, attempt)
            return lead_onward(request, attempt)
        form.reference = attempt.reference
        form.refuse_all(attempt.answer)
    context = {"form": form} | who_page(operation, closed) | {"away": read_away()}
    return door.page("selfservice/who.html", context)


@require_http_methods(GET_OR_POST)
@handles_secrets
@at_step(Step.ACT)
def password(request: HttpRequest, attempt: Attempt) -> HttpResponse:
    if attempt.operation != Operation.RESET:
        return lead_onward(request, attempt)
    form = NewPasswordForm(request.POST) if request.method == "POST" else NewPasswordForm.for_page(attempt)
    if form.is_valid():
        set_password(attempt, form.cleaned_data["new"], locale=language())
        # After a refusal, redirect to this page, which says why: so loading it again sends no password.
        return lead_onward(request, attempt) if is_refused(attempt) else lead_to_result(request, attempt)
    context = {"form": form} | password_page(attempt, read_rules(attempt.site, attempt.attempt_id))
    return render(request, "selfservice/password.html", context, status=422 if form.errors else 200)


@require_http_methods(GET_OR_POST)
@handles_secrets
@at_step(Step.ACT)
def unlock_now(request: HttpRequest, attempt: Attempt) -> HttpResponse:
    if attempt.operation != Operation.UNLOCK:
        return lead_onward(request, attempt)
    form = ButtonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        unlock(attempt, locale=language())
        return lead_to_result(request, attempt)
    return render(request, "selfservice/unlock.html", {"form": form} | unlock_page(attempt))


@require_http_methods(GET_OR_POST)
@handles_secrets
def change(request: HttpRequest) -> HttpResponse:
    door, closed, kept = Door(request, asks_password=True), why_closed(), request.session.get(CHANGE, {})
    posted = request.POST if request.method == "POST" and not closed else None
    form = ChangeForm(posted, initial={"name": kept.get("name", "")})
    if form.is_valid() and door.lets_in(form) and (attempt := send_change(request, form, door)):
        return lead_to_result(request, attempt)
    context = {"form": form} | read_change_page(request.session.get(CHANGE, {}), closed)
    return door.page("selfservice/change.html", context)


@require_safe
@handles_secrets
def result(request: HttpRequest, public_id: str) -> HttpResponse:
    attempt = find_own_attempt(request, public_id)
    if attempt is None:
        said = _("This result belongs to another browser, or it is too old to be shown.")
        return show_end(request, None, said, status=403)
    look_again(request, attempt)
    if not attempt.sent or is_refused(attempt):
        return leave_result(request, attempt)
    return render(request, "selfservice/result.html", read_result_page(attempt))


@require_safe
@handles_secrets
def result_state(request: HttpRequest, public_id: str) -> HttpResponse:
    attempt = find_own_attempt(request, public_id)
    if attempt is None:
        return JsonResponse({"state": "gone"}, status=403)
    look_again(request, attempt)
    state = "refused" if is_refused(attempt) else ending_of(attempt, timezone.now()).state
    return JsonResponse({"state": state})
