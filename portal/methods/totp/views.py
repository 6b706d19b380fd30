"""The views for setting up an authenticator app: the seed is shown once, then its first code is typed."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy, gettext_noop
from django.views.decorators.http import require_http_methods, require_POST

from portal.dispatch.next_page import lead_with_messages
from portal.methods.flows import confirm
from portal.methods.forms import ButtonForm
from portal.methods.queries import own_factor
from portal.methods.shown_once import answer_add
from portal.methods.totp import qr
from portal.methods.totp.forms import FirstCodeForm
from portal.methods.totp.page import METHOD
from portal.people.session import SignedInPerson, for_signed_in
from portal.web.decorators import handles_secrets
from portal.web.language import language
from portal.web.qr import picture
from portal.web.repeated_posts import came_before
from portal.web.site_map import site_map
from writeback.envelope.answers import Answer, FactorPending, Outcome
from writeback.envelope.methods import TOTP_STEP
from writeback.envelope.secret import Secret

PAGE, TITLE = "methods/totp/add.html", gettext_lazy("Set up an authenticator app")
SET_UP = gettext_noop("Your authenticator app is set up.")
SHOWN_ONCE = gettext_noop("The QR code was shown once. Begin again if your app doesn't have it.")


def show(
    request: HttpRequest, person: SignedInPerson, form: FirstCodeForm, secret: Secret, account: str
) -> HttpResponse:
    context = show_page(person, form, secret, account)
    return render(request, PAGE, context, status=422 if form.is_bound else 200)


def show_page(person: SignedInPerson, form: FirstCodeForm, secret: Secret, account: str) -> dict[str, Any]:
    page = {"title": TITLE, "person": person, "form": form, "account": account}
    if not secret:
        return page
    address = qr.link(secret, account)
    page |= {"qr": picture(address), "groups": qr.groups(secret), "link": address}
    return page | {"digits": METHOD.digits, "seconds": TOTP_STEP}


def add_page(person: SignedInPerson, form: ButtonForm, *, said: str) -> dict[str, Any]:
    return {"title": TITLE, "person": person, "form": form, "said": said, "seconds": TOTP_STEP}


@require_http_methods(["GET", "HEAD", "POST"])
@handles_secrets
@for_signed_in
def add(request: HttpRequest, person: SignedInPerson) -> HttpResponse:
    def show_seed(pending: FactorPending) -> HttpResponse:
        first = FirstCodeForm(initial=FirstCodeForm.make_initial(pending), method=METHOD)
        return show(request, person, first, pending.secrets[0], qr.label(pending.account))

    return answer_add(
        request, person, METHOD.kind, template=PAGE, page=add_page, again=SHOWN_ONCE, show=show_seed
    )


@require_POST
@handles_secrets
@for_signed_in
def confirm_app(request: HttpRequest, person: SignedInPerson) -> HttpResponse:
    form = FirstCodeForm(request.POST, method=METHOD)
    if form.is_valid():
        factor = own_factor(person, form.cleaned_data["factor"])
        again = came_before(request)
        if again and factor.confirmed:
            return redirect(site_map().ways)
        answer = (
            Answer(outcome=Outcome.WRONG_CODE)
            if again
            else confirm(person, factor, form.cleaned_data["code"], locale=language())
        )
        if answer and answer.outcome is Outcome.DONE:
            return lead_with_messages(request, site_map().ways, SET_UP)
        form.refuse(answer)
    return show(request, person, form, form.read_secret(), form.read_account())
