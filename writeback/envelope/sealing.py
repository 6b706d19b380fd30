"""Steps 3 and 7 of 8: seal a job for one worker, and an answer to one job; open them in stages.

A job is H ‖ Ed25519(P-sig, label ‖ H ‖ C) ‖ C with C = HPKE.Seal(W-pre, info = label ‖ H, padded package).
The worker opens it in this order: `authenticate`, `wire.check_time`, `open_package`, and at the very end
`OpenedJob.passwords`; `OpenedJob.unwrap` may do the slow half of that in advance.
Primitives: RFC 8032, RFC 9180 (base mode), RFC 8017 (OAEP).
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from writeback.envelope import codec, wire
from writeback.envelope.answers import FACTS, Answer, Outcome
from writeback.envelope.errors import EnvelopeError, Fault
from writeback.envelope.facts import Facts
from writeback.envelope.jobs import JOBS, AttemptJob, Job
from writeback.envelope.keyring import (
    ANSWER_LABEL,
    JOB_LABEL,
    Keyring,
    Recipient,
    SigningKey,
    VerifyKey,
)
from writeback.envelope.passwords import utf16
from writeback.envelope.secret import Secret

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_JOB_OVERHEAD = wire.HEADER_SIZE + wire.SIGNATURE_SIZE + wire.SEAL_OVERHEAD
_ANSWER_OVERHEAD = wire.SIGNATURE_SIZE + wire.SEAL_OVERHEAD
_CONTEXT = "keyback/ctx/1"
# Each key seals one box and is never used again, so all boxes may have the same nonce.
_NONCE = bytes(12)
_KEY_SIZE = 32

_NUMBERS = {kind: number for number, kind in JOBS.items()}
_FACT_NUMBERS = {kind: number for number, kind in FACTS.items()}


@dataclass(frozen=True, kw_only=True)
class SealedJob:
    """A sealed job, with everything that is needed to read its answer.

    Args:
        blob: the bytes for the wire.
        jti: id of the job, 16 bytes.
        expires: Unix time after which no worker applies it.
        reply: private key for the answer; it is forgotten when the wait is over.
    """

    blob: bytes
    jti: bytes
    expires: int
    reply: X25519PrivateKey = field(repr=False, compare=False)


@dataclass(frozen=True, kw_only=True)
class AuthenticJob:
    """A job with a valid signature; from here on, it gets an answer.

    Args:
        parts: header, signature and sealed package.
        digest: SHA-256 of the whole job, which binds the answer to it.
    """

    parts: wire.Parts
    digest: bytes

    @property
    def header(self) -> wire.Header:
        """The header, which the signature covers too."""
        return self.parts.header


@dataclass(frozen=True, kw_only=True)
class OpenedJob:
    """A job and its password box, which is still closed."""

    job: Job
    context: bytes
    box: bytes | None = field(repr=False)
    rsa: RSAPrivateKey = field(repr=False, compare=False)
    # Not a cached_property: up to Python 3.11 its lock makes all threads wait for one another.
    _key: list[bytes] = field(default_factory=list, init=False, repr=False, compare=False)

    def passwords(self) -> tuple[Secret, ...]:
        """Decrypt the passwords; do it at the very last moment before they are used.

        Raises:
            EnvelopeError: PASSWORD_BOX if the box is of another job, PASSWORD if it holds something that
                can't be a password.
        """
        if self.box is None:
            return ()
        self.unwrap()
        found = _open_box(self.box[self.rsa.key_size // 8 :], self._key[0], self.context)
        if len(found) != type(self.job).passwords:
            raise EnvelopeError(Fault.PASSWORD_BOX)
        return found

    def unwrap(self) -> None:
        """Unwrap the key of the password box in advance, which takes far longer than decrypting the box.

        The box stays closed. Only `passwords` reports a box of another job, so this never raises.
        """
        if self.box is None or self._key:
            return
        # If the key can't be unwrapped, a random one is used: the time must not reveal why a box is refused.
        key = secrets.token_bytes(_KEY_SIZE)
        try:
            found = self.rsa.decrypt(self.box[: self.rsa.key_size // 8], _oaep(self.context))
        except ValueError:
            found = b""
        self._key.append(found if len(found) == _KEY_SIZE else key)


@dataclass(frozen=True, kw_only=True)
class OpenedAnswer:
    """An answer whose signature, job and reply key were checked.

    Args:
        answer: the worker's answer.
        at: Unix time by the worker's clock.
        worker: the worker's name.
        state: id of the state that the worker uses, 16 bytes.
    """

    answer: Answer
    at: int
    worker: str
    state: bytes


def seal_job(
    job: Job, *, passwords: Sequence[Secret] = (), to: Recipient, signer: SigningKey, now: float
) -> SealedJob:
    """Seal a job so that one worker can open it for two minutes.

    Args:
        job: the job.
        passwords: the passwords of the job, as many as its class brings and in that order.
        to: public keys from that worker's last heartbeat.
        signer: P-sig.
        now: Unix time in seconds.

    Raises:
        EnvelopeError: PASSWORD for a password that can't be carried, TOO_LARGE, or MALFORMED for a text with
            a lone surrogate.
        ValueError: the number of passwords is wrong.
    """
    if len(passwords) != type(job).passwords:
        raise ValueError(f"{type(job).__name__} brings {type(job).passwords} passwords")
    reply = X25519PrivateKey.generate()
    issued = int(now)
    header = wire.Header(
        prekey=to.prekey_id,
        rsa=to.rsa_id,
        signer=signer.id,
        jti=secrets.token_bytes(16),
        issued=issued,
        expires=issued + wire.JOB_LIFE,
        reply=reply.public_key().public_bytes_raw(),
    )
    head = header.pack()
    box = _seal_box(passwords, to.rsa_key, _context(job, header)) if passwords else None
    package = codec.pack(_NUMBERS[type(job)], job, box)
    padded = wire.pad(package, overhead=_JOB_OVERHEAD, sizes=wire.JOB_SIZES)
    sealed = _SUITE.encrypt(padded, to.prekey_key, JOB_LABEL + head)
    signature = signer.sign(JOB_LABEL, head + sealed)
    return SealedJob(blob=head + signature + sealed, jti=header.jti, expires=header.expires, reply=reply)


def authenticate(blob: bytes, portal: VerifyKey | None) -> AuthenticJob:
    """Check size, version, suite, signer and signature, in this order; a job that fails gets no answer.

    Args:
        blob: the bytes from the wire.
        portal: the pinned P-sig; None if the site is not paired, or is switched off.

    Raises:
        EnvelopeError: SIZE, VERSION, SUITE, SIGNER or SIGNATURE.
    """
    parts = wire.split_job(blob)
    if portal is None or parts.header.signer != portal.id:
        raise EnvelopeError(Fault.SIGNER, parts.header.signer)
    portal.verify(JOB_LABEL, parts.signature, parts.head + parts.sealed)
    return AuthenticJob(parts=parts, digest=hashlib.sha256(blob).digest())


def open_package(authentic: AuthenticJob, keys: Keyring) -> OpenedJob:
    """Open the outer box and read the job; the password box stays closed.

    Raises:
        EnvelopeError: REKEY if W-pre or W-rsa is gone, SEALED, or MALFORMED.
    """
    header = authentic.header
    prekey, rsa = keys.prekey(header.prekey), keys.rsa(header.rsa)
    try:
        padded = _SUITE.decrypt(authentic.parts.sealed, prekey, JOB_LABEL + authentic.parts.head)
    except InvalidTag:
        raise EnvelopeError(Fault.SEALED, header.prekey) from None
    job, box = _read_package(wire.unpad(padded))
    return OpenedJob(job=job, context=_context(job, header), box=box, rsa=rsa)


def seal_answer(
    answer: Answer, *, to: AuthenticJob, identity: SigningKey, worker: str, state: bytes, now: float
) -> bytes:
    """Seal an answer for the portal process that waits for this one job.

    Args:
        answer: the answer.
        to: the job that it answers.
        identity: W-id.
        worker: the worker's name.
        state: id of the worker's state, 16 bytes.
        now: Unix time in seconds.

    Raises:
        EnvelopeError: SEALED if the job's reply key is not a key, or TOO_LARGE.
    """
    kind = None if answer.facts is None else _FACT_NUMBERS[type(answer.facts)]
    plain = codec.pack(to.header.jti, answer.outcome, kind, answer.facts, int(now), worker, state)
    padded = wire.pad(plain, overhead=_ANSWER_OVERHEAD, sizes=wire.ANSWER_SIZES)
    try:
        reply = X25519PublicKey.from_public_bytes(to.header.reply)
        sealed = _SUITE.encrypt(padded, reply, ANSWER_LABEL + to.digest)
    except ValueError:
        raise EnvelopeError(Fault.SEALED) from None
    return identity.sign(ANSWER_LABEL, to.digest + sealed) + sealed


def open_answer(blob: bytes, *, sent: SealedJob, site: VerifyKey) -> OpenedAnswer:
    """Open an element of a reply list, if it is the answer to this job.

    Args:
        blob: one element of the list.
        sent: the job.
        site: the pinned W-id.

    Raises:
        EnvelopeError: SIZE, SIGNATURE, SEALED, MALFORMED or OTHER_JOB: it is forged and must be ignored.
    """
    if len(blob) not in wire.ANSWER_SIZES:
        raise EnvelopeError(Fault.SIZE)
    digest = hashlib.sha256(sent.blob).digest()
    signature, sealed = blob[: wire.SIGNATURE_SIZE], blob[wire.SIGNATURE_SIZE :]
    site.verify(ANSWER_LABEL, signature, digest + sealed)
    try:
        padded = _SUITE.decrypt(sealed, sent.reply, ANSWER_LABEL + digest)
    except InvalidTag:
        raise EnvelopeError(Fault.SEALED) from None
    jti, opened = _read_answer(wire.unpad(padded))
    if jti != sent.jti:
        raise EnvelopeError(Fault.OTHER_JOB)
    return opened


def _password_bytes(password: Secret) -> bytes:
    data = utf16(password)
    if data is None:
        raise EnvelopeError(Fault.PASSWORD)
    return data


def _context(job: Job, header: wire.Header) -> bytes:
    """Return a digest of everything that binds a password box to its job, so that no other job can use it."""
    attempt = job.attempt if isinstance(job, AttemptJob) else None
    named = (_CONTEXT, header.jti, job.site, attempt, _NUMBERS[type(job)], header.expires)
    return hashlib.sha256(codec.encode(named)).digest()


def _oaep(context: bytes) -> padding.OAEP:
    return padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), label=context)


def _seal_box(passwords: Sequence[Secret], rsa: RSAPublicKey, context: bytes) -> bytes:
    plain = codec.encode(tuple(_password_bytes(password) for password in passwords))
    key = secrets.token_bytes(_KEY_SIZE)
    return rsa.encrypt(key, _oaep(context)) + AESGCM(key).encrypt(_NONCE, plain, context)


def _open_box(sealed: bytes, key: bytes, context: bytes) -> tuple[Secret, ...]:
    try:
        plain = AESGCM(key).decrypt(_NONCE, sealed, context)
    except InvalidTag:
        raise EnvelopeError(Fault.PASSWORD_BOX) from None
    return tuple(_password(data) for data in codec.decode(tuple[bytes, ...], plain))


def _password(data: bytes) -> Secret:
    try:
        password = Secret(data.decode("utf-16-le"))
    except UnicodeDecodeError:
        raise EnvelopeError(Fault.PASSWORD) from None
    _password_bytes(password)
    return password


def _read_package(data: bytes) -> tuple[Job, bytes | None]:
    number, plain, sealed = codec.unpack(data, 3)
    kind = JOBS.get(codec.from_plain(int, number))
    if kind is None:
        raise EnvelopeError(Fault.MALFORMED)
    job: Job = codec.from_plain(kind, plain)
    box: bytes | None = codec.from_plain(bytes | None, sealed)
    if (box is None) is not (kind.passwords == 0):
        raise EnvelopeError(Fault.MALFORMED)
    return job, box


def _read_answer(data: bytes) -> tuple[bytes, OpenedAnswer]:
    jti, outcome, number, facts, at, worker, state = codec.unpack(data, 7)
    answer = Answer(outcome=codec.from_plain(Outcome, outcome), facts=_read_facts(number, facts))
    opened = OpenedAnswer(
        answer=answer,
        at=codec.from_plain(int, at),
        worker=codec.from_plain(str, worker),
        state=codec.from_plain(bytes, state),
    )
    return codec.from_plain(bytes, jti), opened


def _read_facts(number: object, plain: object) -> Facts | None:
    if number is None and plain is None:
        return None
    kind = FACTS.get(codec.from_plain(int, number))
    if kind is None:
        raise EnvelopeError(Fault.MALFORMED)
    facts: Facts = codec.from_plain(kind, plain)
    return facts
