"""Whether a security descriptor grants an extended right: as much of MS-DTYP as the doctor needs."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from writeback.directory.attributes import sid
from writeback.directory.connection import Broken

ON_PEOPLE = {
    "Reset Password": UUID("00299570-246d-11d0-a768-00aa006e0529"),
    "Change Password": UUID("ab721a53-1e2f-11d0-9819-00aa0040529b"),
}
UNEXPIRE_PASSWORD = UUID("ccc2dc7d-a6ad-4a7a-8846-c04e3cc53501")

_ALLOW, _DENY, _ALLOW_OBJECT, _DENY_OBJECT = 0x00, 0x01, 0x05, 0x06
_INHERIT_ONLY = 0x08
_CONTROL_ACCESS = 0x100
_HAS_TYPE, _HAS_INHERITED_TYPE = 0x1, 0x2


@dataclass(frozen=True)
class _Entry:
    """One entry of an access list that holds on the object itself; `right` None means all rights."""

    allows: bool
    mask: int
    right: UUID | None
    who: str


def may(descriptor: bytes, right: UUID, sids: frozenset[str]) -> bool:
    """Tell whether somebody with these SIDs has an extended right; what can't be read grants nothing.

    Args:
        descriptor: self-relative, as nTSecurityDescriptor holds it (MS-DTYP 2.4.6).
        right: GUID of the right (MS-ADTS 5.1.3.2.1).
        sids: in their text form.
    """
    try:
        for entry in _entries(descriptor):
            if entry.who in sids and entry.mask & _CONTROL_ACCESS and entry.right in (None, right):
                return entry.allows
    except (struct.error, ValueError, Broken):
        return False
    return False


def _entries(descriptor: bytes) -> Iterator[_Entry]:
    """Yield the entries in their order: the first one that speaks of a right decides."""
    (start,) = struct.unpack_from("<I", descriptor, 16)
    _, _, _, count, _ = struct.unpack_from("<BBHHH", descriptor, start)
    at = start + 8
    for _ in range(count):
        kind, flags, size = struct.unpack_from("<BBH", descriptor, at)
        body = descriptor[at + 4 : at + size]
        at += size
        if flags & _INHERIT_ONLY:
            continue
        if kind in (_ALLOW, _DENY):
            (mask,) = struct.unpack_from("<I", body)
            yield _Entry(kind == _ALLOW, mask, None, sid(body[4:]))
        elif kind in (_ALLOW_OBJECT, _DENY_OBJECT):
            yield _object_entry(body, allows=kind == _ALLOW_OBJECT)


def _object_entry(body: bytes, *, allows: bool) -> _Entry:
    mask, present = struct.unpack_from("<II", body)
    at, right = 8, None
    if present & _HAS_TYPE:
        right = UUID(bytes_le=body[at : at + 16])
        at += 16
    if present & _HAS_INHERITED_TYPE:
        at += 16
    return _Entry(allows, mask, right, sid(body[at:]))
