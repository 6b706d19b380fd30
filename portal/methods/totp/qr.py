"""A new seed as the page shows it: in groups of four, and as an address for a link and a QR code."""

import unicodedata
from functools import partial
from urllib.parse import quote, urlencode

from django.conf import settings

from writeback.envelope.methods import CODE_LENGTH, TOTP_STEP, MethodKind
from writeback.envelope.secret import Secret

# A character may take twelve bytes in the address, which has the issuer twice; a QR code holds 2,331 bytes.
LONGEST_ACCOUNT, LONGEST_ISSUER = 64, 32
_encode = partial(quote, safe="", errors="replace")


def link(secret: Secret, account: str) -> str:
    """Return the otpauth address that authenticator apps read.

    Args:
        secret: the seed in base32.
        account: the account name as returned by `label`.

    Source: Key Uri Format of Google Authenticator: a colon ends the issuer in the label, whether it is
    written as %3A or not, so neither part may hold one.
    """
    issuer = label(settings.KEYBACK_ORGANISATION, longest=LONGEST_ISSUER) or "Keyback"
    words = {"secret": secret.reveal(), "issuer": issuer, "algorithm": "SHA1"}
    words |= {"digits": str(CODE_LENGTH[MethodKind.TOTP]), "period": str(TOTP_STEP)}
    query = urlencode(words, quote_via=quote, safe="", errors="replace")
    return f"otpauth://totp/{_encode(issuer)}:{_encode(account)}?{query}"


def label(text: str, *, longest: int = LONGEST_ACCOUNT) -> str:
    """Return a name as apps show it: without colons and invisible characters, and cut if it is too long."""
    shown = "".join(each for each in text.replace(":", " ") if unicodedata.category(each)[0] != "C")
    name = " ".join(unicodedata.normalize("NFC", shown).split())
    if len(name) <= longest:
        return name
    end = longest - 1
    while end and unicodedata.combining(name[end]):  # a mark belongs to the letter before it
        end -= 1
    return f"{name[:end].rstrip()}…"


def groups(secret: Secret) -> list[str]:
    """Return a seed in groups of four characters, which are easier to type."""
    text = secret.reveal()
    return [text[place : place + 4] for place in range(0, len(text), 4)]
