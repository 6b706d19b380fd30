"""Sealed columns: AES-256-GCM under a sub-key for each kind; the newest key seals, all open."""

import hashlib
import os
from collections.abc import Sequence
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from writeback.ports import StateAway

_ID = 4
_NONCE = 12


class StateKeys:
    """The `state` keyring.

    Args:
        keys: 32 bytes each, oldest first. Keys are only ever added: values that must not change for years
            (decoys, the pepper of backup codes) are derived from the oldest.

    Raises:
        ValueError: there is no key, or one is not 32 bytes.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        self.reload(keys)

    def reload(self, keys: Sequence[bytes]) -> None:
        """Replace the keys with those now in the files, after a new one was made.

        Raises:
            ValueError: there is no key, or one is not 32 bytes.
        """
        if not keys or any(len(key) != 32 for key in keys):
            raise ValueError("The state keyring needs at least one key, each of 32 bytes.")
        by_id = {hashlib.sha256(b"keyback/state-id/1" + key).digest()[:_ID]: key for key in keys}
        self._oldest = keys[0]
        self._keys = by_id
        self._newest = list(by_id)[-1]

    def __repr__(self) -> str:
        return f"StateKeys({len(self._keys)})"

    def seal(self, kind: str, plain: bytes, *context: bytes) -> bytes:
        """Return key id ‖ nonce ‖ ciphertext.

        Args:
            kind: the kind of column; each has its own sub-key.
            plain: the value.
            context: what the value belongs to; it can't be opened anywhere else.
        """
        nonce = os.urandom(_NONCE)
        sealed = AESGCM(_derive(self._keys[self._newest], kind)).encrypt(nonce, plain, _bind(kind, context))
        return self._newest + nonce + sealed

    def unseal(self, kind: str, sealed: bytes, *context: bytes) -> bytes:
        """Return the sealed value.

        Raises:
            StateAway: the key is not in the keyring, or the value was changed or moved.
        """
        key = self._keys.get(sealed[:_ID])
        if key is None:
            raise StateAway("A value in the state is sealed with a key that the keyring does not have.")
        nonce, cipher = sealed[_ID : _ID + _NONCE], sealed[_ID + _NONCE :]
        try:
            return AESGCM(_derive(key, kind)).decrypt(nonce, cipher, _bind(kind, context))
        except InvalidTag:
            raise StateAway("A sealed value in the state was changed or moved.") from None

    def digest(self, kind: str, *parts: bytes) -> bytes:
        """Return a keyed digest of 32 bytes, which stays the same as long as the site exists."""
        mac = HMAC(_derive(self._oldest, f"digest/{kind}"), SHA256())
        mac.update(_join(parts))
        return mac.finalize()


@cache
def _derive(key: bytes, kind: str) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=b"keyback/state/1/" + kind.encode("ascii")).derive(key)


def _bind(kind: str, context: Sequence[bytes]) -> bytes:
    return _join((kind.encode("ascii"), *context))


def _join(parts: Sequence[bytes]) -> bytes:
    """Join parts so that no two lists of parts give the same bytes."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)
