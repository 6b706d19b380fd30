"""What a page shows of a new seed: a QR code, groups of four, and a link for the same phone."""

from urllib.parse import quote, urlencode

import segno
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from writeback.envelope.secret import Secret

# Characters of the account's name: each may take twelve in the address, and a QR code holds 2,331 bytes.
LONGEST_ACCOUNT = 64


def link(secret: Secret, account: str) -> str:
    """Return the otpauth address that authenticator apps read (Key Uri Format of Google Authenticator)."""
    issuer = settings.KEYBACK_ORGANISATION or "Keyback"
    words = {"secret": secret.reveal(), "issuer": issuer, "algorithm": "SHA1", "digits": "6", "period": "30"}
    label = f"{quote(issuer)}:{quote(account[:LONGEST_ACCOUNT])}"
    return f"otpauth://totp/{label}?{urlencode(words, quote_via=quote)}"


def picture(text: str) -> SafeString:
    """Return a QR code as inline SVG; it is made of numbers only, and of no style."""
    drawn: str = segno.make(text, error="m").svg_inline(
        scale=5, border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None
    )
    return mark_safe(drawn)  # noqa: S308  # segno draws paths; the text itself is not in them


def groups(secret: Secret) -> list[str]:
    """Return a seed in groups of four, to be typed."""
    text = secret.reveal()
    return [text[place : place + 4] for place in range(0, len(text), 4)]
