"""P-sig, the key with which the portal signs jobs; it is in a file of mode 0600."""

import base64
import binascii
import os
import stat
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from writeback.envelope.keyring import SigningKey


def key_file() -> Path:
    """Return the path of the file that holds P-sig."""
    return Path(settings.KEYBACK_KEYS) / "portal.key"


def read_portal_key() -> SigningKey:
    """Return P-sig.

    Raises:
        ImproperlyConfigured: the file is missing, is open to others, or holds no key.
    """
    path = key_file()
    try:
        text = path.read_bytes()
    except OSError:
        raise ImproperlyConfigured(f"{path} can't be read; run: manage.py portal_key.") from None
    require_private_key()
    try:
        return SigningKey.from_raw(base64.b64decode(text.strip(), validate=True))
    except (binascii.Error, ValueError):
        raise ImproperlyConfigured(f"{path} holds no key; remove it and run: manage.py portal_key.") from None


def require_private_key() -> None:
    """Refuse a key file to which others than its owner have access.

    Raises:
        ImproperlyConfigured: others have access; the sentence says what to run.
    """
    path = key_file()
    if path.exists() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ImproperlyConfigured(f"{path} holds a key and is open to others; run: chmod 600 {path}.")


def make_portal_key() -> SigningKey:
    """Make a new P-sig; every site must then be paired again.

    Raises:
        FileExistsError: there is one already.
    """
    key = SigningKey.generate()
    write_portal_key(key)
    return key


def write_portal_key(key: SigningKey) -> None:
    """Write P-sig to its file.

    Raises:
        FileExistsError: there is one already.
    """
    path = key_file()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(base64.b64encode(key.raw()))
