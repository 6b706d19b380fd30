"""Our own pages for errors, in place of Django's."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def error(
    request: HttpRequest, status: int, title: str, sentence: str, *, retry_after: int = 0
) -> HttpResponse:
    """Return the one error page.

    Args:
        request: the request.
        status: 4xx or 5xx.
        title: the heading.
        sentence: what happened, and what to do.
        retry_after: seconds for the header Retry-After; 0 for no header.
    """
    context = {"title": title, "sentence": sentence, "status": status, "retry_after": retry_after}
    response = render(request, "error.html", context, status=status)
    if retry_after:
        response["Retry-After"] = str(retry_after)
    return response


def bad_request(request: HttpRequest, exception: BaseException | None = None) -> HttpResponse:
    return error(request, 400, _("We couldn't read that"), _("Go back, reload the page and try again."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    sentence = _(
        "This page was open for too long, or your browser refuses cookies. Go back and open the page again."
    )
    return error(request, 403, _("We couldn't take that"), sentence)


def forbidden(request: HttpRequest, exception: BaseException | None = None) -> HttpResponse:
    return error(request, 403, _("This isn't for you"), _("You may not see this page."))


def not_found(request: HttpRequest, exception: BaseException | None = None) -> HttpResponse:
    return error(
        request, 404, _("There is no such page"), _("Check the address, or start again from the first page.")
    )


def method_not_allowed(request: HttpRequest, *, allow: str) -> HttpResponse:
    response = error(request, 405, _("That doesn't work here"), _("Go back and use the button on the page."))
    response["Allow"] = allow
    return response


def unsupported(request: HttpRequest) -> HttpResponse:
    return error(request, 415, _("We couldn't read that"), _("Use the form on the page."))


def too_many(request: HttpRequest, wait: int) -> HttpResponse:
    minutes = max(1, -(-wait // 60))
    sentence = ngettext(
        "There were too many requests at once. Try again in %(minutes)d minute.",
        "There were too many requests at once. Try again in %(minutes)d minutes.",
        minutes,
    ) % {"minutes": minutes}
    return error(request, 429, _("One moment"), sentence, retry_after=wait)


def busy(request: HttpRequest) -> HttpResponse:
    sentence = _("Too many people are signing in right now. Try again in a moment.")
    return error(request, 503, _("One moment"), sentence, retry_after=5)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer without anything that could fail a second time: no request context, no database."""
    away = isinstance(sys.exception(), (OperationalError, InterfaceError))
    context = {
        "title": _("Not available right now") if away else _("Something broke on our side"),
        # What was sent before the error may have been done, so the page claims nothing about it.
        "sentence": _("Try again in a few minutes. If you had just chosen a new password, try that first."),
        "status": 503 if away else 500,
    }
    response = HttpResponse(render_to_string("error.html", context), status=503 if away else 500)
    if away:
        response["Retry-After"] = "60"
    return response
