"""The worker's token for a browser's attempts: a cookie keeps it, and the next attempt sends it along.

Only the worker can tell whether a token is one of its own; the portal passes it on as it is.
"""

import base64
import binascii
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from writeback.envelope.jobs import CHAIN_LIFE

_LONGEST = 64  # characters; a token has 32 bytes
_FRESH = "keyback.chain.fresh"


def read_chain(request: HttpRequest) -> bytes | None:
    """Return the token in this browser's cookie; None if there is none, or it can't be one."""
    value = request.COOKIES.get(_cookie(), "")
    if not 0 < len(value) <= _LONGEST:
        return None
    try:
        return base64.b64decode(value, altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None


def keep_chain(request: HttpRequest, token: bytes) -> None:
    """Give the browser this token with the response."""
    request.META[_FRESH] = base64.urlsafe_b64encode(token).decode("ascii")


def cookies(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Set the cookie if the worker gave out a token in this request; a middleware."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        value = request.META.get(_FRESH)
        if value:
            secure = settings.SESSION_COOKIE_SECURE
            response.set_cookie(
                _cookie(), value, max_age=CHAIN_LIFE, secure=secure, httponly=True, samesite="Lax"
            )
        return response

    return respond


def _cookie() -> str:
    return "__Host-keyback-chain" if settings.SESSION_COOKIE_SECURE else "keyback-chain"
