"""Answers probes before anything else, and records new findings about workers after each request."""

import logging
from collections.abc import Callable, Iterable

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from portal.dispatch.alarms import record_findings
from portal.dispatch.ready import Readiness
from portal.dispatch.troubles import remember_troubles

Answering = Callable[[HttpRequest], HttpResponse]

logger = logging.getLogger(__name__)


def probes(get_response: Answering) -> Answering:
    """Answer /healthz (this process works) and /readyz (it can serve people); must be the first middleware.

    Host name, scheme, session and cookies don't matter: probes connect to an address, often without TLS.
    """
    readiness = Readiness()

    def respond(request: HttpRequest) -> HttpResponse:
        if request.method in ("GET", "HEAD"):
            if request.path_info == "/healthz":
                return _make_plain(["ok"])
            if request.path_info == "/readyz":
                missing = readiness.missing()
                return _make_plain(missing, status=503) if missing else _make_plain(["ok"])
        return get_response(request)

    return respond


def _make_plain(lines: Iterable[str], *, status: int = 200) -> HttpResponse:
    response = HttpResponse("".join(f"{line}\n" for line in lines), content_type="text/plain", status=status)
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def findings(get_response: Answering) -> Answering:
    """After each request, record what is new in the heartbeats that were read for it."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        try:
            record_findings()
            remember_troubles()
        except DatabaseError as error:
            logger.error("alarm of a site not recorded: %s", type(error).__name__)  # noqa: TRY400  # no more is known
        return response

    return respond
