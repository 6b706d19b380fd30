"""QR codes, drawn into the page."""

import segno
from django.utils.safestring import SafeString, mark_safe


def picture(text: str) -> SafeString:
    """Return a QR code as inline SVG; it is made of numbers only, and of no style.

    It has a viewBox and no size of its own: whatever box it stands in, the whole code is seen.
    """
    drawn: str = segno.make(text, error="m").svg_inline(
        scale=5, border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None, omitsize=True
    )
    return mark_safe(drawn)  # noqa: S308  # segno draws paths; the text itself is not in them
