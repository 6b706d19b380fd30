"""Keeps a typed mail address for the page that asks for its code, where a person can see a typing mistake.

The session keeps it, sealed under SECRET_KEY, until it is confirmed: the database alone reveals no address.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from writeback.envelope.secret import Secret

_KEY = "typed_address"
_LONGEST = 256


def keep(request: HttpRequest, address: Secret, *, factor_id: str, seconds: int) -> None:
    """Keep an address for the page of a pending factor.

    Args:
        request: the request of the browser.
        address: the address as typed.
        factor_id: id of the pending factor, in hex.
        seconds: for how long the factor can be confirmed.
    """
    plain = address.reveal().encode("utf-8", "replace").ljust(_LONGEST)  # padded, to hide its length
    sealed = _cipher().encrypt(plain, [factor_id.encode()]).hex()
    until = timezone.now().timestamp() + seconds
    request.session[_KEY] = {"factor": factor_id, "sealed": sealed, "until": until}


def read(request: HttpRequest, factor_id: str) -> str:
    """Return the address that was typed for a factor; empty if there is none, or its time is over."""
    kept = request.session.get(_KEY)
    if not kept or kept["factor"] != factor_id:
        return ""
    if kept["until"] < timezone.now().timestamp():
        forget(request)
        return ""
    try:
        plain = _cipher().decrypt(bytes.fromhex(kept["sealed"]), [factor_id.encode()])
    except InvalidTag:  # SECRET_KEY has been changed since
        return ""
    return plain.decode().rstrip()


def forget(request: HttpRequest) -> None:
    """Forget the address."""
    request.session.pop(_KEY, None)


def _cipher() -> AESSIV:
    return AESSIV(salted_hmac("portal.methods.typed_address", "address", algorithm="sha512").digest())
