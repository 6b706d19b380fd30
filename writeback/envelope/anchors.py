"""Anchors of a portal's audit: the site keeps where the chain ended, and signs that.

Whoever can change the portal's database can cut the end off its audit and make the rest look whole. They
can't change what the site has kept.
"""

from dataclasses import dataclass

from writeback.envelope import codec
from writeback.envelope.errors import EnvelopeError
from writeback.envelope.facts import Facts
from writeback.envelope.keyring import ANCHOR_LABEL, VerifyKey

HASH_SIZE = 32


@dataclass(frozen=True, kw_only=True)
class Anchored(Facts):
    """Answer to AnchorAudit: the newest head that the site has kept.

    Args:
        number: number of the head's event; 0 if the site has kept no head.
        hash: hash of that event, 32 bytes; empty if the site has kept no head.
        at: Unix time at which the site has kept it.
        signature: W-id's signature over `anchor_body`, 64 bytes; empty if the site has kept no head.
    """

    number: int
    hash: bytes
    at: int
    signature: bytes


def anchor_body(*, number: int, digest: bytes, at: int, state: bytes) -> bytes:
    """Return the bytes that a site signs.

    Args:
        number: number of the last event of the portal's audit.
        digest: hash of that event, 32 bytes.
        at: Unix time.
        state: id of the site's state, 16 bytes.
    """
    return codec.pack(number, digest, at, state)


def is_anchored(anchor: Anchored, *, by: VerifyKey, state: bytes) -> bool:
    """Tell whether the site with this key and this state has signed an anchor."""
    body = anchor_body(number=anchor.number, digest=anchor.hash, at=anchor.at, state=state)
    try:
        by.verify(ANCHOR_LABEL, anchor.signature, body)
    except EnvelopeError:
        return False
    return True
