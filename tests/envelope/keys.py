"""Fixed keys for tests: worthless, and the same in every run."""

import base64
import hashlib
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from writeback.envelope.keyring import Generation, Keyring, SigningKey, key_id, rsa_der

VECTORS = Path(__file__).with_name("vectors")
NOW = 1_800_000_000


def raw_key(name: str) -> bytes:
    """Return 32 bytes that follow from a name."""
    return hashlib.sha256(b"keyback/test/" + name.encode("ascii")).digest()


def signing_key(name: str) -> SigningKey:
    return SigningKey.from_raw(raw_key(name))


def prekey(name: str, *, born: float = NOW) -> Generation[X25519PrivateKey]:
    key = X25519PrivateKey.from_private_bytes(raw_key(name))
    return Generation(id=key_id(key.public_key().public_bytes_raw()), born=born, key=key)


@cache
def rsa_key(name: str = "rsa-1") -> RSAPrivateKey:
    pem = base64.b64decode((VECTORS / f"{name}.b64").read_text(encoding="ascii"))
    key = serialization.load_der_private_key(pem, password=None)
    assert isinstance(key, RSAPrivateKey)
    return key


def rsa_generation(name: str = "rsa-1", *, born: float = NOW) -> Generation[RSAPrivateKey]:
    key = rsa_key(name)
    return Generation(id=key_id(rsa_der(key.public_key())), born=born, key=key)


PORTAL = signing_key("portal")
SITE = signing_key("site")


def keyring(**changes: Any) -> Keyring:
    """Return the keyring of the worker in the golden vectors, changed."""
    keys = Keyring(identity=SITE, portal=PORTAL.public, prekeys=(prekey("prekey"),), rsas=(rsa_generation(),))
    return replace(keys, **changes)
