"""A browser's own random id in a long-lived signed cookie; it says nothing about who uses the browser."""

import secrets
from collections.abc import Callable

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

LASTS = 180 * 24 * 3600  # seconds
_SALT = "portal.throttle.browser"
_FRESH, _READ = "keyback.browser.fresh", "keyback.browser.read"


def browser_of(request: HttpRequest) -> str:
    """Return the id in this browser's cookie; empty if it has no valid one."""
    if _READ not in request.META:
        request.META[_READ] = _read(request.COOKIES.get(_cookie(), ""))
    return str(request.META[_READ])


def name_browser(request: HttpRequest) -> str:
    """Return the browser's id; a browser without one gets a new one with the response."""
    return browser_of(request) or str(request.META.setdefault(_FRESH, secrets.token_hex(16)))


def cookies(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Set the cookie of a browser that got a new id; a middleware."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        fresh = request.META.get(_FRESH)
        if fresh:
            value = signing.TimestampSigner(salt=_SALT).sign(fresh)
            secure = settings.SESSION_COOKIE_SECURE
            response.set_cookie(_cookie(), value, max_age=LASTS, secure=secure, httponly=True, samesite="Lax")
        return response

    return respond


def _cookie() -> str:
    return "__Host-keyback-browser" if settings.SESSION_COOKIE_SECURE else "keyback-browser"


def _read(value: str) -> str:
    try:
        return signing.TimestampSigner(salt=_SALT).unsign(value, max_age=LASTS)
    except signing.BadSignature:
        return ""
