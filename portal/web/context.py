"""The template context that every page gets."""

import re
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

ENDS = "keyback.ends"
# A mail address, or a phone number of at least six digits that may hold spaces, dashes, slashes and brackets.
REACHED = re.compile(
    r"([^\s<>@,;:\"()]+@[^\s<>@,;:\"()]+\.[^\s<>@,;:\"().]+)|(\+?\(?\d(?:[ ()/.\-]{0,2}\d){5,})"
)


class Ends(NamedTuple):
    """When an attempt ends, for the pages of the attempt.

    Args:
        at: the end if nothing more is done.
        latest: the end whatever is done.
        now: the time by this server's clock; a browser's clock may be wrong.
    """

    at: datetime
    latest: datetime
    now: datetime

    @property
    def left(self) -> int:
        """Whole seconds until the end, if nothing is done."""
        return max(0, int((self.at - self.now).total_seconds()))

    @property
    def can_be_put_off(self) -> bool:
        """Whether a sign of life gives more time."""
        return self.at < self.latest


def site(request: HttpRequest) -> dict[str, object]:
    """Return the organisation's name, its contact for help, and the end of the page's attempt, if any."""
    contact = make_links(settings.KEYBACK_CONTACT)
    return {"organisation": settings.KEYBACK_ORGANISATION, "contact": contact, "ends": request.META.get(ENDS)}


def make_links(text: str) -> SafeString:
    """Return an escaped text with its mail addresses and phone numbers as links."""
    pieces, end = [], 0
    for found in REACHED.finditer(text):
        pieces += [(text[end : found.start()],), (_link(found),)]
        end = found.end()
    return format_html_join("", "{}", [*pieces, (text[end:],)])


def _link(found: re.Match[str]) -> SafeString:
    mail, phone = found.groups()
    address = f"mailto:{mail}" if mail else f"tel:{re.sub(r'[^+0-9]', '', phone)}"
    return format_html('<a class="link link--text" href="{}">{}</a>', address, found[0])
