"""Tells the audit what heartbeats say and must not."""

import logging
from collections.abc import Callable

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from portal.dispatch.alarms import tell_findings

logger = logging.getLogger(__name__)


def findings(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """After each request, tell what is new in the heartbeats that were read for it."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        try:
            tell_findings()
        except DatabaseError as error:
            logger.error("alarm of a site not recorded: %s", type(error).__name__)  # noqa: TRY400  # no more is known
        return response

    return respond
