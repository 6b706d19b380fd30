"""Anchors of a portal's audit: its site keeps how long the chain was, and signs that.

Who can change the portal's database can cut its audit, and make a whole chain of what is left. What the site
has seen, they can't take back.
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
        number: of its event; 0 if the site has kept none.
        hash: of its event, 32 bytes; empty if there is none.
        at: Unix time at which the site has seen it.
        signature: of W-id over `anchor_body`, 64 bytes; empty if there is none.
    """

    number: int
    hash: bytes
    at: int
    signature: bytes


def anchor_body(*, number: int, digest: bytes, at: int, state: bytes) -> bytes:
    """Return what a site signs.

    Args:
        number: of the last event of the portal's audit.
        digest: its hash, 32 bytes.
        at: Unix time.
        state: id of the site's state, 16 bytes.
    """
    return codec.pack(number, digest, at, state)


def is_anchored(anchor: Anchored, *, by: VerifyKey, state: bytes) -> bool:
    """Tell whether the site with this key and state has signed an anchor."""
    body = anchor_body(number=anchor.number, digest=anchor.hash, at=anchor.at, state=state)
    try:
        by.verify(ANCHOR_LABEL, anchor.signature, body)
    except EnvelopeError:
        return False
    return True
