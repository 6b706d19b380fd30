"""The styleguide's views: one with the parts and a list of pages, and one for each page in each state."""

from collections.abc import Callable
from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from portal.methods.email.page import METHOD as EMAIL
from portal.methods.forms import CodeForm
from portal.selfservice.forms import NewPasswordForm, SignInForm
from portal.selfservice.pages import CLOSED, Closure, home_page, show_rules
from portal.styleguide import journeys, proving, register, results, samples
from portal.styleguide.results import ENDINGS
from portal.web import views as trouble
from writeback.envelope.jobs import Operation

PAGES = journeys.PAGES | proving.PAGES | results.PAGES | register.PAGES
TROUBLES: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "unreadable": trouble.bad_request,
    "open-too-long": trouble.csrf_failure,
    "forbidden": trouble.forbidden,
    "not-found": trouble.not_found,
    "wrong-method": partial(trouble.method_not_allowed, allow="GET"),
    "unsupported": trouble.unsupported,
    "throttled": partial(trouble.too_many, wait=180),
    "busy": trouble.busy,
    "broken": trouble.server_error,
}
NAMES = [*PAGES, *TROUBLES]
"""The names of the pages of which pictures are taken."""


def styleguide(request: HttpRequest) -> HttpResponse:
    """Show the parts, and the list of pages."""
    closed = str(CLOSED[Closure.DIRECTORY_AWAY])
    context = {
        "title": "Styleguide",
        "pages": NAMES,
        "endings": list(ENDINGS),
        "empty": SignInForm(auto_id="empty_%s"),
        "wrong": NewPasswordForm.for_page(samples.make_answered(Operation.RESET, samples.refusal(left=4))),
        "code_form": CodeForm(auto_id="entry_%s", method=EMAIL),
        "rules": show_rules(samples.ADAS, general=False).rules,
        "choices": home_page(reset="", unlock=closed, rest="", said="")["choices"],
    }
    return render(request, "styleguide/parts.html", context)


def page(request: HttpRequest, name: str) -> HttpResponse:
    """Show one page in one state, with status 200 whatever its status in the product is."""
    if name in TROUBLES:
        response = TROUBLES[name](request)
        response.status_code = 200
        return response
    shown = (PAGES | ENDINGS).get(name)
    if shown is None:
        raise Http404
    return render(request, shown.template, shown.context())
