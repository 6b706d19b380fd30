"""Every address of the portal, as the resolver has it."""

import re
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

ATTEMPT = "A" * 22
FACTOR = "0" * 32


def every_route(*, attempt: str = ATTEMPT, factor: str = FACTOR) -> list[str]:
    """Return one address for each route, with these ids in it."""
    ids = {"public": attempt, "hex": factor, "path": "1", "int": "1"}
    patterns = _walk(get_resolver().url_patterns, "/")
    filled = (re.sub(r"<(\w+):\w+>", lambda found: ids[found[1]], pattern) for pattern in patterns)
    return sorted({re.sub(r"\^?\(\?P<\w+>.*\$", "nothing/", address) for address in filled})


def _walk(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[str]:
    for pattern in patterns:
        here = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, here)
        else:
            yield here
