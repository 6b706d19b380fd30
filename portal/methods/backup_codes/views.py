"""The views for setting up backup codes: they are shown once, and become valid once they are saved."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from django.views.decorators.http import require_http_methods, require_POST

from portal.dispatch.next_page import lead_with_messages
from portal.methods.backup_codes.forms import SavedForm, ShownForm
from portal.methods.backup_codes.page import METHOD
from portal.methods.flows import confirm
from portal.methods.forms import ButtonForm
from portal.methods.queries import has_factor, own_factor
from portal.methods.shown_once import answer_add
from portal.people.session import SignedInPerson, for_signed_in
from portal.web.decorators import handles_secrets
from portal.web.language import language
from portal.web.repeated_posts import came_before
from portal.web.site_map import site_map
from portal.web.views import bad_request
from writeback.envelope.answers import FactorPending, Outcome
from writeback.envelope.secret import Secret

PAGE, TITLE = "methods/backup_codes/add.html", gettext_lazy("Your backup codes")
SHOWN_ONCE = gettext_noop(
    "Codes are shown once. Those that you saw don't work unless you pressed Done. Make new ones."
)


def show(request: HttpRequest, person: SignedInPerson, form: SavedForm) -> HttpResponse:
    context = show_page(person, form, made=timezone.now(), site=_site(request))
    return render(request, PAGE, context, status=422 if form.is_bound else 200)


def show_page(person: SignedInPerson, form: SavedForm, *, made: datetime, site: str) -> dict[str, Any]:
    return {"title": TITLE, "person": person, "form": form} | sheet(form, made=made, site=site)


def add_page(person: SignedInPerson, form: ButtonForm, *, said: str, has_codes: bool) -> dict[str, Any]:
    return {"form": form, "person": person, "title": TITLE, "said": said, "has_codes": has_codes}


def sheet(form: ShownForm, *, made: datetime, site: str) -> dict[str, object]:
    """Return what the sheet of codes shows, on the page, on paper and in the file."""
    return {"codes": form.read_codes(), "account": form.read_account(), "made": made, "site": site}


def _site(request: HttpRequest) -> str:
    """Return the address at which the codes are used."""
    return request.build_absolute_uri(reverse(site_map().home))


@require_http_methods(["GET", "HEAD", "POST"])
@handles_secrets
@for_signed_in
def add(request: HttpRequest, person: SignedInPerson) -> HttpResponse:
    def show_codes(pending: FactorPending) -> HttpResponse:
        return show(request, person, SavedForm(initial=SavedForm.make_initial(pending)))

    def page(person: SignedInPerson, form: ButtonForm, *, said: str) -> dict[str, Any]:
        return add_page(person, form, said=said, has_codes=has_factor(person, METHOD.kind))

    return answer_add(
        request, person, METHOD.kind, template=PAGE, page=page, again=SHOWN_ONCE, show=show_codes
    )


@require_POST
@handles_secrets
@for_signed_in
def save_as_file(request: HttpRequest, person: SignedInPerson) -> HttpResponse:
    """Return the codes from the page as a file; nothing is kept, and no worker is asked."""
    form = ShownForm(request.POST)
    if not form.is_valid() or not form.read_codes():
        return bad_request(request)
    own_factor(person, form.cleaned_data["factor"])
    shown = sheet(form, made=timezone.now(), site=_site(request))
    text = render_to_string("methods/backup_codes/sheet.txt", shown, request)
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, _("backup-codes.txt"))
    return response


@require_POST
@handles_secrets
@for_signed_in
def confirm_saved(request: HttpRequest, person: SignedInPerson) -> HttpResponse:
    form = SavedForm(request.POST)
    if form.is_valid():
        factor = own_factor(person, form.cleaned_data["factor"])
        if came_before(request) and factor.confirmed:
            return redirect(site_map().ways)
        answer = confirm(person, factor, Secret(""), locale=language())
        if answer and answer.outcome is Outcome.DONE:
            return lead_with_messages(request, site_map().ways, gettext_noop("Your backup codes are set up."))
        form.refuse(answer)
    return show(request, person, form)
