"""What a page shows of a new seed: groups of four, and an address for a link and a QR code."""

from urllib.parse import quote, urlencode

from django.conf import settings

from writeback.envelope.secret import Secret

# Characters of the account's name: each may take twelve in the address, and a QR code holds 2,331 bytes.
LONGEST_ACCOUNT = 64


def link(secret: Secret, account: str) -> str:
    """Return the otpauth address that authenticator apps read (Key Uri Format of Google Authenticator)."""
    issuer = settings.KEYBACK_ORGANISATION or "Keyback"
    words = {"secret": secret.reveal(), "issuer": issuer, "algorithm": "SHA1", "digits": "6", "period": "30"}
    label = f"{quote(issuer)}:{quote(account[:LONGEST_ACCOUNT])}"
    return f"otpauth://totp/{label}?{urlencode(words, quote_via=quote)}"


def groups(secret: Secret) -> list[str]:
    """Return a seed in groups of four, to be typed."""
    text = secret.reveal()
    return [text[place : place + 4] for place in range(0, len(text), 4)]
