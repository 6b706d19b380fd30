"""Adds headers to every response, and refuses strange posts before anything else reads them."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from portal.web.views import method_not_allowed, unsupported

Answering = Callable[[HttpRequest], HttpResponse]
PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()"


def headers(get_response: Answering) -> Answering:
    """Add the headers that Django's own middleware leaves out; no cache may keep a page."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code == 405 and not response.content:
            response = method_not_allowed(request, allow=response["Allow"])
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return respond


def plain_posts(get_response: Answering) -> Answering:
    """Refuse posts that none of our forms sends, such as JSON, files or XML, with status 415."""

    def respond(request: HttpRequest) -> HttpResponse:
        if request.method == "POST" and not _is_form(request):
            return unsupported(request)
        return get_response(request)

    return respond


def _is_form(request: HttpRequest) -> bool:
    allowed = {"application/x-www-form-urlencoded", ""}  # without a type nothing is parsed
    if request.path_info.startswith("/admin/"):  # Django's admin always posts its forms as multipart
        allowed.add("multipart/form-data")
    return request.content_type in allowed
