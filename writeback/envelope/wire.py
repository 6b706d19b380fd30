"""The bytes on the wire: the fixed header of a job, the sizes, and the padding.

Nothing is parsed before the signature is checked: the header is a fixed struct, and the rest is sealed.
"""

import struct
from dataclasses import dataclass

from writeback.envelope.errors import EnvelopeError, Fault

VERSION = 1
SUITE = 1  # X25519 / HKDF-SHA256 / AES-256-GCM, Ed25519, RSA-3072 OAEP-SHA256
JOB_SIZES = (1024, 4096)
ANSWER_SIZES = (1024, 4096, 16384)
JOB_LIFE = 120
LONGEST_LIFE = 300
SKEW = 60

_HEADER = struct.Struct(">BB8s8s8s16sQQ32s")
_LENGTH = struct.Struct(">H")
HEADER_SIZE = _HEADER.size
SIGNATURE_SIZE = 64
SEAL_OVERHEAD = 48  # HPKE: a 32-byte share and a 16-byte tag


@dataclass(frozen=True, kw_only=True)
class Header:
    """The header of a job, in clear; it says nothing about the person or the operation.

    Args:
        prekey, rsa, signer: 8-byte ids of W-pre, W-rsa and P-sig.
        jti: the job's id, 16 random bytes.
        issued, expires: Unix times in whole seconds by the portal's clock.
        reply: raw X25519 public key, 32 bytes, to which the answer is sealed.
    """

    prekey: bytes
    rsa: bytes
    signer: bytes
    jti: bytes
    issued: int
    expires: int
    reply: bytes

    def pack(self) -> bytes:
        """Return the header as 90 bytes."""
        return _HEADER.pack(
            VERSION,
            SUITE,
            self.prekey,
            self.rsa,
            self.signer,
            self.jti,
            self.issued,
            self.expires,
            self.reply,
        )


@dataclass(frozen=True, kw_only=True)
class Parts:
    """A job split into header, signature and sealed package; only size, version and suite were checked."""

    header: Header
    head: bytes
    signature: bytes
    sealed: bytes


def split_job(blob: bytes) -> Parts:
    """Split a job into its parts.

    Args:
        blob: 1,024 or 4,096 bytes.

    Raises:
        EnvelopeError: SIZE, VERSION or SUITE. There is no fallback to another version or suite.
    """
    if len(blob) not in JOB_SIZES:
        raise EnvelopeError(Fault.SIZE)
    head = blob[:HEADER_SIZE]
    version, suite, prekey, rsa, signer, jti, issued, expires, reply = _HEADER.unpack(head)
    if version != VERSION:
        raise EnvelopeError(Fault.VERSION)
    if suite != SUITE:
        raise EnvelopeError(Fault.SUITE)
    header = Header(
        prekey=prekey, rsa=rsa, signer=signer, jti=jti, issued=issued, expires=expires, reply=reply
    )
    body = HEADER_SIZE + SIGNATURE_SIZE
    return Parts(header=header, head=head, signature=blob[HEADER_SIZE:body], sealed=blob[body:])


def check_time(header: Header, *, now: float) -> None:
    """Check by the worker's clock that a job is neither from the future nor too old.

    Args:
        header: the header of a job with a valid signature.
        now: Unix time in seconds.

    Raises:
        EnvelopeError: CLOCK or EXPIRED.
    """
    if header.expires - header.issued != JOB_LIFE or header.issued > now + SKEW:
        raise EnvelopeError(Fault.CLOCK)
    if header.expires > now + LONGEST_LIFE:
        raise EnvelopeError(Fault.CLOCK)
    if now >= header.expires:
        raise EnvelopeError(Fault.EXPIRED)


def pad(data: bytes, *, overhead: int, sizes: tuple[int, ...]) -> bytes:
    """Pad to the smallest size that fits, so that the length on the wire reveals nothing.

    Args:
        data: the bytes that will be sealed.
        overhead: how many bytes header, signature and seal add.
        sizes: permitted lengths on the wire, ascending.

    Raises:
        EnvelopeError: TOO_LARGE.
    """
    for size in sizes:
        room = size - overhead - _LENGTH.size
        if len(data) <= room:
            return _LENGTH.pack(len(data)) + data + bytes(room - len(data))
    raise EnvelopeError(Fault.TOO_LARGE)


def unpad(padded: bytes) -> bytes:
    """Return the data without its padding.

    Raises:
        EnvelopeError: MALFORMED if the padding is anything but zeros.
    """
    if len(padded) < _LENGTH.size:
        raise EnvelopeError(Fault.MALFORMED)
    (length,) = _LENGTH.unpack_from(padded)
    data, rest = padded[_LENGTH.size :][:length], padded[_LENGTH.size + length :]
    if len(data) != length or any(rest):
        raise EnvelopeError(Fault.MALFORMED)
    return data
