"""Decorators for views."""

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def handles_secrets(view: View[P]) -> View[P]:
    """Keep what is typed in this view out of error reports and caches."""

    @sensitive_post_parameters()
    @never_cache
    @functools.wraps(view)
    def careful(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        return view(request, *args, **kwargs)

    return careful
