"""The "prove it" pages: choose a way, type its code."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from portal.gates.flows import check_code, start_factor
from portal.gates.forms import ProveForm
from portal.gates.models import Attempt, Offer
from portal.gates.queries import (
    chosen,
    closed_for,
    good_until,
    is_too_old,
    needed,
    needs_new_code,
    offers,
    policy,
    resend_in,
    to_prove,
)
from portal.gates.rules import Step
from portal.gates.session import at_step, choose, chosen_handle, onward, renew
from portal.methods.forms import CodeForm
from portal.methods.registry import METHODS
from portal.web.decorators import handles_secrets
from portal.web.language import language
from portal.web.outcomes import sentence, waiting
from portal.web.repeated_posts import said, say
from writeback.envelope.answers import Outcome
from writeback.envelope.jobs import Operation
from writeback.envelope.methods import MethodKind

# After an attempt that the worker has ended, the next page says so.
LEADS_ON = {Outcome.DONE, Outcome.ATTEMPT_GONE}


def page(attempt: Attempt) -> dict[str, Any]:
    """Return what both pages are given; who sets up ways is not on the road of four steps."""
    road = {} if attempt.operation == Operation.REGISTER else {"step": 2, "steps": 4}
    return {"title": _("Prove it's you"), "attempt": attempt, **road}


def shown(offer: Offer, *, done: bool = False) -> dict[str, Any]:
    method = METHODS[MethodKind(offer.kind)]
    told = {"handle": offer.handle, "kind": offer.kind, "hint": offer.hint, "done": done}
    told |= {"title": method.title, "icon": method.icon, "minutes": method.minutes, "help": method.help}
    told["closed"] = waiting(seconds) if (seconds := closed_for(offer)) and not done else ""
    return told | {"digits": method.digits if method.numeric else 0, "sends": method.sends}


@require_http_methods(["GET", "HEAD", "POST"])
@handles_secrets
@at_step(Step.PROVE)
def prove(request: HttpRequest, attempt: Attempt) -> HttpResponse:
    left = to_prove(attempt)
    form = ProveForm(request.POST, offers=left) if request.method == "POST" else None
    if form and form.is_valid():
        offer = form.chosen()
        answer = start_factor(attempt, offer, locale=language())
        if answer and answer.outcome in LEADS_ON:
            choose(request, offer)
            return redirect("code", attempt.public_id)
        if chosen(attempt, offer.handle) is None:
            return refused(request, attempt, offer, sentence(answer))
        form.refuse(answer)
    return prove_page(request, attempt, form or ProveForm.refused(left, said(request)))


def prove_page(request: HttpRequest, attempt: Attempt, form: ProveForm) -> HttpResponse:
    rules = policy()
    there = offers(attempt, rules)
    done = {offer.kind for offer in there if offer.proven}
    context = {**page(attempt), "form": form, "proven": len(done), "only": len(form.offers) == 1}
    context["offers"] = [shown(offer, done=offer.kind in done) for offer in there]
    # One more where the worker wants it: mail alone, say, never suffices.
    context["needed"] = max(needed(attempt, rules).methods, len(done) + 1)
    return render(request, "gates/prove.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@handles_secrets
@at_step(Step.PROVE)
def code(request: HttpRequest, attempt: Attempt) -> HttpResponse:
    offer = chosen(attempt, chosen_handle(request))
    if offer is None:
        return redirect("prove", attempt.public_id)
    method = METHODS[MethodKind(offer.kind)]
    form = CodeForm(request.POST, method=method) if request.method == "POST" else None
    if form and form.is_valid():
        answer = check_code(attempt, offer, form.cleaned_data["code"], locale=language())
        if answer and answer.outcome in LEADS_ON:
            renew(request)
            return onward(request, attempt)
        return refused(request, attempt, offer, form.why(answer))
    return code_page(request, attempt, offer, form or CodeForm.refused(method, said(request)))


def refused(request: HttpRequest, attempt: Attempt, offer: Offer, why: str) -> HttpResponse:
    """Lead back to the field with the reason; to the other ways, where this one takes no more."""
    is_open = chosen(attempt, offer.handle) is not None
    page = "code" if is_open else "prove"
    offer.refresh_from_db()
    if not (is_open and needs_new_code(attempt, offer)):  # else the page says that, and offers a new one
        say(request, reverse(page, args=[attempt.public_id]), why)
    return redirect(page, attempt.public_id)


def code_page(request: HttpRequest, attempt: Attempt, offer: Offer, form: CodeForm) -> HttpResponse:
    context = {**page(attempt), "form": form, "offer": shown(offer), "resend_in": resend_in(offer)}
    context |= {"others": len(to_prove(attempt)) > 1, "sent": request.GET.get("sent") == "again"}
    context |= {"good_until": good_until(attempt, offer), "too_old": is_too_old(attempt, offer)}
    context["needs_new"] = needs_new_code(attempt, offer)
    return render(request, "gates/code.html", context, status=422 if form.errors else 200)


@require_POST
@at_step(Step.PROVE)
def resend(request: HttpRequest, attempt: Attempt) -> HttpResponse:
    offer = chosen(attempt, chosen_handle(request))
    if offer is None:
        return redirect("prove", attempt.public_id)
    answer = start_factor(attempt, offer, locale=language(), again=True)
    if answer and answer.outcome is Outcome.DONE:
        return redirect(f"{reverse('code', args=[attempt.public_id])}?sent=again")
    say(request, reverse("code", args=[attempt.public_id]), sentence(answer))
    return redirect("code", attempt.public_id)


@require_POST
@at_step(Step.PROVE)
def another(request: HttpRequest, attempt: Attempt) -> HttpResponse:
    return redirect("prove", attempt.public_id)
