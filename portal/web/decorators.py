"""What a view says of itself in its first line."""

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from portal.web import client
from portal.web.flows import take
from portal.web.rules import Rate
from portal.web.signals import turned_away
from portal.web.views import too_many

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def handles_secrets(view: View[P]) -> View[P]:
    """Keep what is typed here out of error reports, caches and the addresses that other sites see."""

    @sensitive_post_parameters()
    @never_cache
    @functools.wraps(view)
    def careful(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        return view(request, *args, **kwargs)

    return careful


def starts(view: View[P]) -> View[P]:
    """Let one network address post here only so often (429 with Retry-After)."""

    @functools.wraps(view)
    def limited(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.method == "POST":
            wait = take("start", client.network(request), rates=[Rate(settings.KEYBACK_STARTS, 600)])
            if wait:
                turned_away.send(starts, request=request)
                return too_many(request, wait)
        return view(request, *args, **kwargs)

    return limited
