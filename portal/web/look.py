"""The colours that a browser needs before any stylesheet, read from the one file that names colours."""

import re
from functools import cache
from typing import NamedTuple

from django.conf import settings


class Grounds(NamedTuple):
    """The background colours of pages in the light and the dark theme, such as "#ffffff"."""

    light: str
    dark: str


@cache
def grounds() -> Grounds:
    """Return the background colour of pages in each theme, from static/css/tokens.css."""
    tokens = (settings.BASE_DIR / "static" / "css" / "tokens.css").read_text("utf-8")
    light, dark = re.findall(r"--surface: (#[0-9a-f]{6});", tokens)
    return Grounds(light=light, dark=dark)
