"""Seeds of authenticator apps are kept sealed: the database alone makes no code."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.utils.crypto import salted_hmac

_FOR = [b"keyback/admin-totp/1"]
# Seeds in databases are sealed under this name, whatever this module is called.
_SALT = "portal.web.devices"


def seal_seed(seed: bytes) -> str:
    """Return a seed of 20 bytes as it stands in the database: AES-SIV (RFC 5297) under SECRET_KEY, in hex."""
    return _cipher().encrypt(seed, _FOR).hex()


def open_seed(sealed: str) -> bytes:
    """Return a seed; random bytes that no code fits where SECRET_KEY is another one by now."""
    try:
        return _cipher().decrypt(bytes.fromhex(sealed), _FOR)
    except (InvalidTag, ValueError):
        return salted_hmac(f"{_SALT}.none", sealed, algorithm="sha256").digest()


def _cipher() -> AESSIV:
    return AESSIV(salted_hmac(_SALT, "seed", algorithm="sha512").digest())
