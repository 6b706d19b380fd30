"""What the styleguide knows of a page."""

from collections.abc import Callable
from typing import Any, NamedTuple


class Page(NamedTuple):
    """One page in one state.

    Args:
        template: as the view renders it.
        context: makes what the template is given, in the language of the request.
    """

    template: str
    context: Callable[[], dict[str, Any]]
