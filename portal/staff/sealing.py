"""Seals the seeds of admins' authenticator apps, so that the database alone yields no code."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.utils.crypto import salted_hmac

_FOR = [b"keyback/admin-totp/1"]
# Seeds in databases are sealed under this name, whatever this module is called.
_SALT = "portal.web.devices"


def seal_seed(seed: bytes) -> str:
    """Return a seed of 20 bytes as the database keeps it: sealed with AES-SIV (RFC 5297), in hex.

    The key is derived from SECRET_KEY.
    """
    return _cipher().encrypt(seed, _FOR).hex()


def open_seed(sealed: str) -> bytes:
    """Return the seed; if SECRET_KEY has been changed since, return bytes that fit no code."""
    try:
        return _cipher().decrypt(bytes.fromhex(sealed), _FOR)
    except (InvalidTag, ValueError):
        return salted_hmac(f"{_SALT}.none", sealed, algorithm="sha256").digest()


def _cipher() -> AESSIV:
    return AESSIV(salted_hmac(_SALT, "seed", algorithm="sha512").digest())
