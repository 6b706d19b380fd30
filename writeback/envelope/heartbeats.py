"""Heartbeats: a worker's signed report every 30 seconds, its only message that is not an answer."""

from dataclasses import dataclass

from writeback.envelope import codec
from writeback.envelope.answers import DirectoryState
from writeback.envelope.errors import EnvelopeError, Fault
from writeback.envelope.keyring import HEARTBEAT_LABEL, Recipient, SigningKey, VerifyKey
from writeback.envelope.wire import SIGNATURE_SIZE

EVERY = 30
KEPT = 150
DOWN_AFTER = 75
_LARGEST = 8192


@dataclass(frozen=True, kw_only=True)
class DirectoryStatus:
    """One directory in a heartbeat, which is readable by anybody: only its id and state."""

    directory: str
    state: DirectoryState


@dataclass(frozen=True, kw_only=True)
class CourierStatus:
    """One courier in a heartbeat."""

    courier: str
    up: bool


@dataclass(frozen=True, kw_only=True)
class Heartbeat:
    """A worker's report that it lives.

    Args:
        worker: the worker's name, unique within one Redis; its queue is `writeback.<worker>`.
        time: Unix time in whole seconds by the worker's clock; it must grow, as it is the sequence number.
        prekey: raw X25519 public key (W-pre), 32 bytes.
        rsa: DER SubjectPublicKeyInfo (W-rsa).
        site: the site's name.
        oldest_job: age in seconds of the oldest job that has not been answered yet.
        ceiling_hash: SHA-256 of the worker's policy file.
        version: of Keyback.
        state: id of the state that the worker uses, 16 bytes; workers of one site must all show the same.
    """

    worker: str
    time: int
    prekey: bytes
    rsa: bytes
    site: str
    directories: tuple[DirectoryStatus, ...]
    oldest_job: int
    couriers: tuple[CourierStatus, ...]
    ceiling_hash: bytes
    version: str
    state: bytes

    def recipient(self) -> Recipient:
        """Return the public keys that jobs for this worker are sealed to.

        Raises:
            EnvelopeError: MALFORMED if they are not keys; WEAK_KEY if nothing may be sealed to them.
        """
        return Recipient(self.prekey, self.rsa)


def sign_heartbeat(beat: Heartbeat, identity: SigningKey) -> bytes:
    """Return signature ‖ CBOR, which is put into the post box for 150 seconds."""
    data = codec.encode(beat)
    return identity.sign(HEARTBEAT_LABEL, data) + data


def read_heartbeat(blob: bytes, site: VerifyKey) -> Heartbeat:
    """Read a heartbeat that the pinned key has signed.

    The portal, which remembers the last heartbeat, checks that its time has grown and is near its own clock.

    Raises:
        EnvelopeError: SIZE, SIGNATURE or MALFORMED.
    """
    if not SIGNATURE_SIZE < len(blob) <= _LARGEST:
        raise EnvelopeError(Fault.SIZE)
    signature, data = blob[:SIGNATURE_SIZE], blob[SIGNATURE_SIZE:]
    site.verify(HEARTBEAT_LABEL, signature, data)
    return codec.decode(Heartbeat, data)
