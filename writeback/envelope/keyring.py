"""Keys: their ids, how long they live, and what they are used for.

Nothing here touches a file: writeback/vault keeps the worker's keys, portal/dispatch/keys.py the portal's.
"""

import base64
import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from writeback.envelope.errors import EnvelopeError, Fault

K = TypeVar("K")

RSA_BITS = 3072
RSA_EXPONENT = 65537
RSA_MOST_BITS = 8192
PREKEY_LIFE = 60 * 60.0
PREKEY_OVERLAP = 5 * 60.0
RSA_LIFE = 180 * 86400.0
RSA_SPREAD = 7 * 86400.0
RSA_OVERLAP = 86400.0

JOB_LABEL = b"keyback/job/1"
ANSWER_LABEL = b"keyback/answer/1"
HEARTBEAT_LABEL = b"keyback/heartbeat/1"
CHECKPOINT_LABEL = b"keyback/checkpoint/1"
ANCHOR_LABEL = b"keyback/anchor/1"
ENROLMENT_LABEL = b"keyback/enrolment/1"


_SMALL_PRIMES = math.prod(
    number
    for number in range(2, 752)
    if all(number % divisor for divisor in range(2, math.isqrt(number) + 1))
)


def key_id(public: bytes) -> bytes:
    """Return the id of a key, the 8 bytes by which messages name it.

    Args:
        public: the raw public key, or the DER SubjectPublicKeyInfo of an RSA key.
    """
    return hashlib.sha256(public).digest()[:8]


def rsa_der(key: RSAPublicKey) -> bytes:
    """Return an RSA public key as DER SubjectPublicKeyInfo."""
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


@dataclass(frozen=True)
class VerifyKey:
    """An Ed25519 public key that a person has pinned after comparing its fingerprint.

    Args:
        raw: 32 bytes.
    """

    raw: bytes
    id: bytes = field(init=False)
    _key: Ed25519PublicKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        try:
            key = Ed25519PublicKey.from_public_bytes(self.raw)
        except (ValueError, UnsupportedAlgorithm):
            raise EnvelopeError(Fault.MALFORMED) from None
        object.__setattr__(self, "_key", key)
        object.__setattr__(self, "id", key_id(self.raw))

    @property
    def fingerprint(self) -> str:
        """The text that two people compare: 160 bits of SHA-256 in base32, in eight groups of four."""
        text = base64.b32encode(hashlib.sha256(self.raw).digest()[:20]).decode("ascii")
        return "-".join(text[start : start + 4] for start in range(0, 32, 4))

    def verify(self, label: bytes, signature: bytes, data: bytes) -> None:
        """Check a signature over label ‖ data.

        Raises:
            EnvelopeError: SIGNATURE.
        """
        try:
            self._key.verify(signature, label + data)
        except InvalidSignature:
            raise EnvelopeError(Fault.SIGNATURE, self.id) from None


@dataclass(frozen=True)
class SigningKey:
    """An Ed25519 private key: W-id of a site, or P-sig of a portal."""

    _key: Ed25519PrivateKey = field(repr=False)
    public: VerifyKey = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "public", VerifyKey(self._key.public_key().public_bytes_raw()))

    @classmethod
    def generate(cls) -> "SigningKey":
        """Make a new key."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_raw(cls, raw: bytes) -> "SigningKey":
        """Read a key from its 32 private bytes.

        Raises:
            ValueError: not 32 bytes.
        """
        return cls(Ed25519PrivateKey.from_private_bytes(raw))

    @property
    def id(self) -> bytes:
        """The 8 bytes by which messages name this key."""
        return self.public.id

    def raw(self) -> bytes:
        """Return the 32 private bytes, which belong into a file of mode 0600."""
        return self._key.private_bytes_raw()

    def sign(self, label: bytes, data: bytes) -> bytes:
        """Return the 64-byte signature over label ‖ data."""
        return self._key.sign(label + data)


@dataclass(frozen=True)
class Recipient:
    """The public keys of one worker from its last heartbeat.

    Args:
        prekey: raw X25519 public key, 32 bytes (W-pre).
        rsa: DER SubjectPublicKeyInfo of RSA-3072 (W-rsa).

    Raises:
        EnvelopeError: MALFORMED if they are not keys; WEAK_KEY if nothing may be sealed to them.
    """

    prekey: bytes
    rsa: bytes
    prekey_id: bytes = field(init=False)
    rsa_id: bytes = field(init=False)
    prekey_key: X25519PublicKey = field(init=False, repr=False, compare=False)
    rsa_key: RSAPublicKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        try:
            prekey = X25519PublicKey.from_public_bytes(self.prekey)
            rsa = serialization.load_der_public_key(self.rsa)
        except (ValueError, UnsupportedAlgorithm):
            raise EnvelopeError(Fault.MALFORMED) from None
        if not isinstance(rsa, RSAPublicKey):
            raise EnvelopeError(Fault.MALFORMED)
        _require_strong_rsa(rsa, key_id(self.rsa))
        _require_strong_x25519(prekey, key_id(self.prekey))
        for name, value in (
            ("prekey_key", prekey),
            ("rsa_key", rsa),
            ("prekey_id", key_id(self.prekey)),
            ("rsa_id", key_id(self.rsa)),
        ):
            object.__setattr__(self, name, value)


def _require_strong_rsa(key: RSAPublicKey, name: bytes) -> None:
    """Refuse an RSA key that is too short, too slow, or has a small factor (NIST SP 800-56B r2 §6.4.2.2)."""
    numbers = key.public_numbers()
    sound = RSA_BITS <= key.key_size <= RSA_MOST_BITS and numbers.e == RSA_EXPONENT
    if not sound or math.gcd(numbers.n, _SMALL_PRIMES) != 1:
        raise EnvelopeError(Fault.WEAK_KEY, name)


def _require_strong_x25519(key: X25519PublicKey, name: bytes) -> None:
    """Refuse a point of small order, which gives the same shared secret to everybody (RFC 7748 §6.1)."""
    try:
        X25519PrivateKey.generate().exchange(key)
    except ValueError:
        raise EnvelopeError(Fault.WEAK_KEY, name) from None


@dataclass(frozen=True, kw_only=True)
class Generation(Generic[K]):
    """One of the keys that succeed each other in one role.

    Args:
        id: the key's 8-byte id.
        born: Unix time at which it was made.
    """

    id: bytes
    born: float
    key: K = field(repr=False, compare=False)


@dataclass(frozen=True)
class Rollover:
    """How keys of one kind succeed each other: the newest seals, and older ones still open for a while.

    Args:
        life: seconds until a successor is made.
        overlap: seconds for which a key still opens after its successor was made.
        spread: seconds by which a life may be longer or shorter. It depends on the key's id, so that sites
            don't all change keys on one day, and the date need not be stored.
    """

    life: float
    overlap: float
    spread: float = 0.0

    def end_of(self, key: Generation[K]) -> float:
        """Return the Unix time at which a successor is due."""
        return key.born + self.life + self.spread * (key.id[0] - 127.5) / 127.5

    def is_due(self, keys: Sequence[Generation[K]], *, now: float) -> bool:
        """Tell whether a new key has to be made now."""
        newest = max(keys, key=lambda key: key.born, default=None)
        return newest is None or now >= self.end_of(newest)

    def select_usable(self, keys: Iterable[Generation[K]], *, now: float) -> tuple[Generation[K], ...]:
        """Return the keys that may still open something, newest first; all others must be wiped."""
        ordered = sorted(keys, key=lambda key: key.born, reverse=True)
        alive: list[Generation[K]] = []
        successor = float("inf")
        for key in ordered:
            if now < min(successor, self.end_of(key)) + self.overlap:
                alive.append(key)
            successor = key.born
        return tuple(alive)


PREKEY_ROLLOVER = Rollover(life=PREKEY_LIFE, overlap=PREKEY_OVERLAP)
RSA_ROLLOVER = Rollover(life=RSA_LIFE, overlap=RSA_OVERLAP, spread=RSA_SPREAD)


@dataclass(frozen=True, kw_only=True)
class Keyring:
    """All keys of a worker at one moment; it is replaced as a whole when a key changes.

    Args:
        identity: W-id.
        portal: P-sig as pinned at pairing; None while the site is not paired, or is switched off.
        prekeys, rsas: the keys that may open something, newest first.
    """

    identity: SigningKey
    portal: VerifyKey | None
    prekeys: tuple[Generation[X25519PrivateKey], ...]
    rsas: tuple[Generation[RSAPrivateKey], ...]

    def recipient(self) -> Recipient:
        """Return the public keys to which jobs are sealed."""
        return Recipient(
            self.prekeys[0].key.public_key().public_bytes_raw(), rsa_der(self.rsas[0].key.public_key())
        )

    def prekey(self, wanted: bytes) -> X25519PrivateKey:
        """Return the prekey of that id.

        Raises:
            EnvelopeError: REKEY if it is gone.
        """
        return _find(self.prekeys, wanted)

    def rsa(self, wanted: bytes) -> RSAPrivateKey:
        """Return the RSA key of that id.

        Raises:
            EnvelopeError: REKEY if it is gone.
        """
        return _find(self.rsas, wanted)


def _find(keys: tuple[Generation[K], ...], wanted: bytes) -> K:
    for generation in keys:
        if generation.id == wanted:
            return generation.key
    raise EnvelopeError(Fault.REKEY, wanted)
