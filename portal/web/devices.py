"""The TOTP device of a local admin, with its seed sealed: the database alone makes no code."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.utils.crypto import salted_hmac
from django_otp.plugins.otp_totp.models import TOTPDevice

_FOR = [b"keyback/admin-totp/1"]


class AdminDevice(TOTPDevice):  # type: ignore[misc]  # django-otp tells no types
    """django-otp's own table and checks; `key` holds what `seal` made of the seed, in hex."""

    class Meta:
        proxy = True

    @property
    def bin_key(self) -> bytes:
        """The seed; random bytes that no code fits where SECRET_KEY is another one by now."""
        try:
            return _cipher().decrypt(bytes.fromhex(self.key), _FOR)
        except (InvalidTag, ValueError):
            return salted_hmac("portal.web.devices.none", self.key, algorithm="sha256").digest()


def seal(seed: bytes) -> str:
    """Return a seed of 20 bytes as it stands in the database: AES-SIV (RFC 5297) under SECRET_KEY, in hex."""
    return _cipher().encrypt(seed, _FOR).hex()


def _cipher() -> AESSIV:
    return AESSIV(salted_hmac("portal.web.devices", "seed", algorithm="sha512").digest())
