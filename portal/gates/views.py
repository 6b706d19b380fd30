"""The pages for proving who you are: choose a way, type its code."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from portal.dispatch.next_page import say_answer, take_message
from portal.gates.flows import check_code, start_factor
from portal.gates.forms import ProveForm
from portal.gates.models import Attempt, Offer
from portal.gates.pages import code_page, prove_page
from portal.gates.queries import find_offer, list_ways_to_prove, needed, needs_new_code, offers, policy
from portal.gates.rules import Step
from portal.gates.session import at_step, choose, lead_onward, read_choice, renew
from portal.methods.forms import CodeForm
from portal.methods.registry import METHODS
from portal.web.decorators import handles_secrets
from portal.web.language import language
from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.methods import MethodKind

# If the worker has ended the attempt, the next page says so.
LEADS_ON = {Outcome.DONE, Outcome.ATTEMPT_GONE}


@require_http_methods(["GET", "HEAD", "POST"])
@handles_secrets
@at_step(Step.PROVE)
def prove(request: HttpRequest, attempt: Attempt) -> HttpResponse:
    left = list_ways_to_prove(attempt)
    form = ProveForm(request.POST, offers=left) if request.method == "POST" else None
    if form and form.is_valid():
        offer = form.chosen_offer()
        answer = start_factor(attempt, offer, locale=language())
        if answer and answer.outcome in LEADS_ON:
            choose(request, offer)
            return redirect("code", attempt.public_id)
        if find_offer(attempt, offer.handle) is None:
            return lead_back(request, attempt, offer, answer)
        form.refuse(answer)
    return show_ways(request, attempt, form or ProveForm.with_refusal(left, take_message(request)))


def show_ways(request: HttpRequest, attempt: Attempt, form: ProveForm) -> HttpResponse:
    rules, now = policy(), timezone.now()
    least = needed(attempt, rules).methods
    context = prove_page(attempt, form, offers(attempt, rules), needed=least, now=now)
    return render(request, "gates/prove.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@handles_secrets
@at_step(Step.PROVE)
def code(request: HttpRequest, attempt: Attempt) -> HttpResponse:
    offer = find_offer(attempt, read_choice(request))
    if offer is None:
        return redirect("prove", attempt.public_id)
    method = METHODS[MethodKind(offer.kind)]
    form = CodeForm(request.POST, method=method) if request.method == "POST" else None
    if form and form.is_valid():
        answer = check_code(attempt, offer, form.cleaned_data["code"], locale=language())
        if answer and answer.outcome in LEADS_ON:
            renew(request)
            return lead_onward(request, attempt)
        return lead_back(request, attempt, offer, answer)
    return show_code(request, attempt, offer, form or CodeForm.with_refusal(method, take_message(request)))


def lead_back(request: HttpRequest, attempt: Attempt, offer: Offer, answer: Answer | None) -> HttpResponse:
    """Lead back to the field and say why; if this way takes no more tries, lead to the other ways."""
    is_open = find_offer(attempt, offer.handle) is not None
    page = "code" if is_open else "prove"
    offer.refresh_from_db()
    if not (is_open and needs_new_code(attempt, offer)):  # otherwise the page itself says it
        wrong = METHODS[MethodKind(offer.kind)].wrong
        say_answer(request, reverse(page, args=[attempt.public_id]), answer, wrong=wrong)
    return redirect(page, attempt.public_id)


def show_code(request: HttpRequest, attempt: Attempt, offer: Offer, form: CodeForm) -> HttpResponse:
    others, sent = len(list_ways_to_prove(attempt)) > 1, request.GET.get("sent") == "again"
    context = code_page(attempt, form, offer, others=others, sent=sent, now=timezone.now())
    return render(request, "gates/code.html", context, status=422 if form.errors else 200)


@require_POST
@at_step(Step.PROVE)
def resend(request: HttpRequest, attempt: Attempt) -> HttpResponse:
    offer = find_offer(attempt, read_choice(request))
    if offer is None:
        return redirect("prove", attempt.public_id)
    answer = start_factor(attempt, offer, locale=language(), again=True)
    if answer and answer.outcome is Outcome.DONE:
        return redirect(f"{reverse('code', args=[attempt.public_id])}?sent=again")
    say_answer(request, reverse("code", args=[attempt.public_id]), answer)
    return redirect("code", attempt.public_id)


@require_POST
@at_step(Step.PROVE)
def another(request: HttpRequest, attempt: Attempt) -> HttpResponse:
    return redirect("prove", attempt.public_id)
