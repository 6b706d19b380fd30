"""QR codes as part of the page."""

import segno
from django.utils.safestring import SafeString, mark_safe


def picture(text: str) -> SafeString:
    """Return a QR code as inline SVG, without any inline style.

    It has a viewBox and no size of its own, so the whole code fits into any box.
    """
    drawn: str = segno.make(text, error="m").svg_inline(
        scale=5, border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None, omitsize=True
    )
    return mark_safe(drawn)  # noqa: S308  # segno draws paths; the text itself is not in them
