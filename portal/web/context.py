"""What every template knows."""

import re

from django.conf import settings
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

# A mail address, or a phone number of at least six digits that may hold spaces, dashes, slashes and brackets.
REACHED = re.compile(
    r"([^\s<>@,;:\"()]+@[^\s<>@,;:\"()]+\.[^\s<>@,;:\"().]+)|(\+?\(?\d(?:[ ()/.\-]{0,2}\d){5,})"
)


def site(request: HttpRequest) -> dict[str, str]:
    """Return the organisation's name and where to ask for help."""
    return {"organisation": settings.KEYBACK_ORGANISATION, "contact": linked(settings.KEYBACK_CONTACT)}


def linked(text: str) -> SafeString:
    """Return a text, escaped, whose mail addresses and phone numbers can be clicked on."""
    pieces, end = [], 0
    for found in REACHED.finditer(text):
        pieces += [(text[end : found.start()],), (_link(found),)]
        end = found.end()
    return format_html_join("", "{}", [*pieces, (text[end:],)])


def _link(found: re.Match[str]) -> SafeString:
    mail, phone = found.groups()
    address = f"mailto:{mail}" if mail else f"tel:{re.sub(r'[^+0-9]', '', phone)}"
    return format_html('<a class="link link--text" href="{}">{}</a>', address, found[0])
