"""Sets up a method whose secret is shown once: the page with the button, then the page with the secret."""

from collections.abc import Callable
from typing import Any, Protocol

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from portal.dispatch.next_page import say, take_message
from portal.methods.flows import enrol
from portal.methods.forms import ButtonForm
from portal.people.session import SignedInPerson
from portal.web.language import language
from portal.web.repeated_posts import came_before
from writeback.envelope.answers import FactorPending
from writeback.envelope.methods import MethodKind


class AddPage(Protocol):
    """A function that returns what the page with the button shows."""

    def __call__(self, person: SignedInPerson, form: ButtonForm, *, said: str) -> dict[str, Any]: ...


def answer_add(
    request: HttpRequest,
    person: SignedInPerson,
    kind: MethodKind,
    *,
    template: str,
    page: AddPage,
    again: str,
    show: Callable[[FactorPending], HttpResponse],
) -> HttpResponse:
    """Show the page with the button; when it is pressed, make a factor and show its secret.

    Args:
        request: the request of the browser.
        person: the person who is signed in.
        kind: the method of the new factor.
        template: template of the page with the button.
        page: returns what that page shows.
        again: the message if the same form is sent again, marked with gettext_noop.
        show: returns the page that shows the secret.
    """
    form = ButtonForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and came_before(request):
        say(request, request.path, again)
        return redirect(request.path)
    if form.is_valid():
        pending = enrol(person, kind, locale=language())
        if isinstance(pending, FactorPending) and pending.secrets:
            return show(pending)
        if not isinstance(pending, FactorPending):
            form.refuse(pending)
    context = page(person, form, said=take_message(request))
    return render(request, template, context, status=422 if form.errors else 200)
