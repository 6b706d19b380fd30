"""The address that was typed, whole, for the page that asks for its code: a typo is seen there, or nowhere.

It stands in the session, sealed under SECRET_KEY, from the moment it was typed until it is confirmed: the
portal's database alone tells no address.
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
        request: of the browser that typed it.
        address: as typed.
        factor_id: of the factor that it is to become, in hex.
        seconds: for how long it can be confirmed.
    """
    plain = address.reveal().encode("utf-8", "replace").ljust(_LONGEST)  # its length is nobody's business
    sealed = _cipher().encrypt(plain, [factor_id.encode()]).hex()
    until = timezone.now().timestamp() + seconds
    request.session[_KEY] = {"factor": factor_id, "sealed": sealed, "until": until}


def read(request: HttpRequest, factor_id: str) -> str:
    """Return the address that was typed for a factor; empty where none was, or not any more."""
    told = request.session.get(_KEY)
    if not told or told["factor"] != factor_id:
        return ""
    if told["until"] < timezone.now().timestamp():
        forget(request)
        return ""
    try:
        plain = _cipher().decrypt(bytes.fromhex(told["sealed"]), [factor_id.encode()])
    except InvalidTag:  # SECRET_KEY is another one by now
        return ""
    return plain.decode().rstrip()


def forget(request: HttpRequest) -> None:
    """Forget the address."""
    request.session.pop(_KEY, None)


def _cipher() -> AESSIV:
    return AESSIV(salted_hmac("portal.methods.email.typed", "address", algorithm="sha512").digest())
