"""The views for setting up mail: choose an address, then type the code that was sent there."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_POST

from portal.dispatch.next_page import lead_with_messages, say_answer, take_message
from portal.methods import typed_address
from portal.methods.email.forms import AddressForm
from portal.methods.email.page import METHOD
from portal.methods.flows import confirm, enrol, read_factors, send_again
from portal.methods.forms import CodeForm
from portal.methods.models import Factor
from portal.methods.queries import own_factor
from portal.people.session import SignedInPerson, for_signed_in
from portal.web.decorators import handles_secrets
from portal.web.language import language
from portal.web.site_map import site_map
from writeback.envelope.answers import FactorList, FactorPending, Outcome
from writeback.envelope.secret import Secret


@require_http_methods(["GET", "HEAD", "POST"])
@handles_secrets
@for_signed_in
def add(request: HttpRequest, person: SignedInPerson) -> HttpResponse:
    listed = read_factors(person, locale=language())
    if not isinstance(listed, FactorList) or not listed.stepped_up:
        return redirect(site_map().ways)
    form = AddressForm(request.POST if request.method == "POST" else None, own_mail=listed.own_mail)
    if form.is_valid():
        pending = enrol(person, METHOD.kind, locale=language(), destination=form.destination())
        if isinstance(pending, FactorPending):
            return _lead_to_code(request, pending, form.destination())
        form.refuse(pending)
    context = add_page(person, form, own_mail=listed.own_mail)
    return render(request, "methods/email/add.html", context, status=422 if form.errors else 200)


def add_page(person: SignedInPerson, form: AddressForm, *, own_mail: str) -> dict[str, Any]:
    return {"form": form, "person": person, "own_mail": own_mail, "title": _("Add a mail address")}


@require_http_methods(["GET", "HEAD", "POST"])
@handles_secrets
@for_signed_in
def confirm_address(request: HttpRequest, person: SignedInPerson, factor_id: str) -> HttpResponse:
    factor = own_factor(person, factor_id)
    form = CodeForm(request.POST, method=METHOD) if request.method == "POST" else None
    if form and form.is_valid():
        answer = confirm(person, factor, form.cleaned_data["code"], locale=language())
        if answer and answer.outcome is Outcome.DONE:
            return _finish(request)
        say_answer(request, request.path, answer, wrong=METHOD.wrong)
        return redirect("confirm-email", factor_id)
    form = form or CodeForm.with_refusal(METHOD, take_message(request))
    address, sent = typed_address.read(request, factor_id) or factor.hint, request.GET.get("sent") == "again"
    context = confirm_page(person, form, factor, address=address, sent=sent)
    return render(request, "methods/email/confirm.html", context, status=422 if form.errors else 200)


def confirm_page(
    person: SignedInPerson, form: CodeForm, factor: Factor, *, address: str, sent: bool
) -> dict[str, Any]:
    page = {"form": form, "person": person, "factor": factor, "title": _("Check your mail")}
    return page | {"address": address, "digits": METHOD.digits, "sent": sent}


@require_POST
@for_signed_in
def resend(request: HttpRequest, person: SignedInPerson, factor_id: str) -> HttpResponse:
    page = reverse("confirm-email", args=[factor_id])
    answer = send_again(person, own_factor(person, factor_id), locale=language())
    if answer and answer.outcome is Outcome.DONE:
        return redirect(f"{page}?sent=again")
    say_answer(request, page, answer)
    return redirect(page)


def _lead_to_code(request: HttpRequest, pending: FactorPending, address: Secret | None) -> HttpResponse:
    if not pending.expires:
        return _finish(request)
    if address:
        typed_address.keep(request, address, factor_id=pending.factor.hex(), seconds=pending.expires)
    return redirect("confirm-email", pending.factor.hex())


def _finish(request: HttpRequest) -> HttpResponse:
    typed_address.forget(request)
    return lead_with_messages(request, site_map().ways, gettext_noop("Your mail address is set up."))
