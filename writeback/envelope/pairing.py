"""The two strings that people carry once between portal and site, comparing fingerprints.

Each string is signed by the key in it, so that a person who compares that key's fingerprint has checked the
whole string.
"""

import base64
import binascii
from dataclasses import dataclass

from writeback.envelope import codec
from writeback.envelope.errors import EnvelopeError, Fault
from writeback.envelope.keyring import ENROLMENT_LABEL, SigningKey, VerifyKey
from writeback.envelope.wire import SIGNATURE_SIZE

_SITE = "keyback-site-1:"
_PORTAL = "keyback-portal-1:"
_KEY_SIZE = 32


@dataclass(frozen=True, kw_only=True)
class SiteEnrolment:
    """The facts about a site that the portal gets at pairing.

    Args:
        identity: raw W-id public key, 32 bytes.
        site: the site's name.
        redis: address of the post box without user or password, e.g. "rediss://box.example:6380/0".
        workers: names of the site's workers.
        directories: ids of the directories it serves.
        state: id of the state that all its workers share, 16 bytes.
    """

    identity: bytes
    site: str
    redis: str
    workers: tuple[str, ...]
    directories: tuple[str, ...]
    state: bytes

    @property
    def key(self) -> VerifyKey:
        """The key to pin after its fingerprint was compared."""
        return VerifyKey(self.identity)


def write_site_enrolment(enrolment: SiteEnrolment, identity: SigningKey) -> str:
    """Return the string that `writeback setup` prints."""
    return _write(_SITE, codec.encode(enrolment), identity)


def read_site_enrolment(text: str) -> SiteEnrolment:
    """Read the string of a site; a person must still compare the fingerprint of its key.

    Raises:
        EnvelopeError: MALFORMED or SIGNATURE if it was not copied completely.
    """
    signature, data = _read(_SITE, text)
    enrolment = codec.decode(SiteEnrolment, data)
    enrolment.key.verify(ENROLMENT_LABEL, signature, data)
    return enrolment


def write_portal_enrolment(signer: SigningKey) -> str:
    """Return the string that `manage.py portal_key` prints: the public part of P-sig."""
    return _write(_PORTAL, signer.public.raw, signer)


def read_portal_enrolment(text: str) -> VerifyKey:
    """Read the string of a portal; a person must still compare its fingerprint.

    Raises:
        EnvelopeError: MALFORMED or SIGNATURE if it was not copied completely.
    """
    signature, data = _read(_PORTAL, text)
    if len(data) != _KEY_SIZE:
        raise EnvelopeError(Fault.MALFORMED)
    key = VerifyKey(data)
    key.verify(ENROLMENT_LABEL, signature, data)
    return key


def _write(prefix: str, data: bytes, signer: SigningKey) -> str:
    signed = signer.sign(ENROLMENT_LABEL, data) + data
    return prefix + base64.urlsafe_b64encode(signed).decode("ascii").rstrip("=")


def _read(prefix: str, text: str) -> tuple[bytes, bytes]:
    stripped = "".join(text.split())
    body = stripped.removeprefix(prefix)
    if body == stripped:
        raise EnvelopeError(Fault.MALFORMED)
    try:
        padded = (body + "=" * (-len(body) % 4)).encode("ascii")
        signed = base64.b64decode(padded, altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise EnvelopeError(Fault.MALFORMED) from None
    if len(signed) <= SIGNATURE_SIZE:
        raise EnvelopeError(Fault.MALFORMED)
    return signed[:SIGNATURE_SIZE], signed[SIGNATURE_SIZE:]
