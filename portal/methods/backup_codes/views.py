"""Setting up backup codes: shown once, good when they are saved."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from portal.methods.backup_codes.forms import SavedForm
from portal.methods.backup_codes.method import METHOD
from portal.methods.flows import confirm, enrol
from portal.methods.forms import ButtonForm
from portal.methods.queries import own_factor
from portal.people.session import SignedInPerson, for_signed_in
from portal.web.again import came_before, lead_saying, said, say
from portal.web.decorators import handles_secrets
from portal.web.language import language
from writeback.envelope.answers import FactorPending, Outcome
from writeback.envelope.secret import Secret

PAGE, TITLE = "methods/backup_codes/add.html", gettext_lazy("Your backup codes")


def show(request: HttpRequest, person: SignedInPerson, form: SavedForm) -> HttpResponse:
    context = {"title": TITLE, "person": person, "form": form, "codes": form.codes_again()}
    return render(request, PAGE, context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@handles_secrets
@for_signed_in
def add(request: HttpRequest, person: SignedInPerson) -> HttpResponse:
    form = ButtonForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and came_before(request):
        told = _(
            "Codes are shown once. Those that you saw don't work unless you pressed Done. Make new ones."
        )
        say(request, request.path, told)
        return redirect("add-backup-codes")
    if form.is_valid():
        pending = enrol(person, METHOD.kind, locale=language())
        if isinstance(pending, FactorPending) and pending.secrets:
            return show(request, person, SavedForm(initial=SavedForm.shown(pending)))
        if not isinstance(pending, FactorPending):
            form.refuse(pending)
    context = {"form": form, "person": person, "title": TITLE, "said": said(request)}
    return render(request, PAGE, context, status=422 if form.errors else 200)


@require_POST
@handles_secrets
@for_signed_in
def confirm_saved(request: HttpRequest, person: SignedInPerson) -> HttpResponse:
    form = SavedForm(request.POST)
    if form.is_valid():
        factor = own_factor(person, form.cleaned_data["factor"])
        if came_before(request) and factor.confirmed:
            return redirect("ways")
        answer = confirm(person, factor, Secret(""), locale=language())
        if answer and answer.outcome is Outcome.DONE:
            return lead_saying(request, "ways", _("Your backup codes are set up."))
        form.refuse(answer)
    return show(request, person, form)
