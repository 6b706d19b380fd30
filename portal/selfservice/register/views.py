"""The views of /register/; docs/reference/pages.md lists what each template is given."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.dispatch.next_page import lead_with_messages, take_message
from portal.gates.flows import require_step_up
from portal.gates.session import find_own_attempt, lead_onward
from portal.methods.flows import read_factors, remove, rename
from portal.methods.forms import ButtonForm
from portal.methods.queries import name_of, own_factor
from portal.people.session import SignedInPerson, for_signed_in, forget_trace, sign_out
from portal.selfservice.forms import SignInForm
from portal.selfservice.queries import can_unlock, read_away, why_closed
from portal.selfservice.register import pages
from portal.selfservice.register.forms import LabelForm
from portal.selfservice.register.queries import read_ways_page
from portal.selfservice.register.session import show_refusal, sign_in_with
from portal.throttle.door import Door
from portal.web.decorators import handles_secrets
from portal.web.language import language
from writeback.envelope.answers import FactorList, Outcome

GET_OR_POST = ["GET", "HEAD", "POST"]


@require_http_methods(GET_OR_POST)
@handles_secrets
def sign_in_page(request: HttpRequest) -> HttpResponse:
    door, closed = Door(request, asks_password=True), why_closed()
    form = SignInForm(request.POST if request.method == "POST" and not closed else None)
    if form.is_valid() and door.lets_in(form) and (onwards := sign_in_with(request, form, door)):
        return onwards
    page = pages.sign_in_page(closed=closed, over=take_message(request), can_unlock=can_unlock())
    context = {"form": form, "away": read_away()} | page
    return door.page("selfservice/sign_in.html", context)


@require_POST
def sign_out_now(request: HttpRequest) -> HttpResponse:
    sign_out(request)
    return forget_trace(lead_with_messages(request, "home", pages.SIGNED_OUT))


@require_safe
@handles_secrets
@for_signed_in
def ways(request: HttpRequest, person: SignedInPerson) -> HttpResponse:
    listed = read_factors(person, locale=language())
    if not isinstance(listed, FactorList):
        return show_refusal(request, person, listed)
    return render(request, "selfservice/ways.html", read_ways_page(person, listed, take_message(request)))


@require_safe
@handles_secrets
@for_signed_in
def step_up(request: HttpRequest, person: SignedInPerson) -> HttpResponse:
    listed, attempt = read_factors(person, locale=language()), find_own_attempt(request, person.public_id)
    if not isinstance(listed, FactorList) or attempt is None or listed.stepped_up or not listed.offers:
        return redirect("ways")
    require_step_up(attempt, listed.offers)
    return lead_onward(request, attempt)


@require_http_methods(GET_OR_POST)
@handles_secrets
@for_signed_in
def rename_factor(request: HttpRequest, person: SignedInPerson, factor_id: str) -> HttpResponse:
    factor = own_factor(person, factor_id)
    form = LabelForm(request.POST if request.method == "POST" else None, initial={"label": name_of(factor)})
    if form.is_valid():
        rename(person, factor, label=form.cleaned_data["label"])
        return redirect("ways")
    context = {"form": form} | pages.rename_page(person, factor)
    return render(request, "selfservice/rename.html", context, status=422 if form.errors else 200)


@require_http_methods(GET_OR_POST)
@handles_secrets
@for_signed_in
def remove_factor(request: HttpRequest, person: SignedInPerson, factor_id: str) -> HttpResponse:
    factor = own_factor(person, factor_id)
    form = ButtonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        answer = remove(person, factor, locale=language())
        if answer and answer.outcome in {Outcome.DONE, Outcome.FACTOR_GONE, Outcome.NOT_PROVEN}:
            return redirect("ways")
        last = answer is not None and answer.outcome is Outcome.NOT_ALLOWED
        form.refuse(answer, str(pages.LAST_WAY) if last else "")
    context = {"form": form} | pages.remove_page(person, factor)
    return render(request, "selfservice/remove.html", context, status=422 if form.errors else 200)
