"""A page of the styleguide."""

from collections.abc import Callable
from typing import Any, NamedTuple


class Page(NamedTuple):
    """One page in one state.

    Args:
        template: the template that the view renders.
        context: makes the context for it, in the language of the request.
    """

    template: str
    context: Callable[[], dict[str, Any]]
