"""Reads security descriptors (MS-DTYP), as far as needed to tell what somebody may read, write or do."""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from writeback.directory.attributes import sid
from writeback.directory.connection import Broken, Control

DACL_ONLY: Control = ("1.2.840.113556.1.4.801", True, bytes.fromhex("3003020104"))
"""LDAP_SERVER_SD_FLAGS_OID for the DACL alone: with the SACL, AD gives an ordinary account nothing."""

READ_PROPERTY, WRITE_PROPERTY, CONTROL_ACCESS, READ_CONTROL = 0x10, 0x20, 0x100, 0x20000
"""Rights in an access mask (MS-ADTS 5.1.3.2)."""

_DACL_PROTECTED = 0x1000
_ALLOW, _DENY, _ALLOW_OBJECT, _DENY_OBJECT = 0x00, 0x01, 0x05, 0x06
_TO_CONTAINERS, _ONE_LEVEL, _INHERIT_ONLY = 0x02, 0x04, 0x08
_HAS_TYPE, _HAS_INHERITED_TYPE = 0x1, 0x2


@dataclass(frozen=True)
class _Entry:
    """One entry of an access list.

    Args:
        kind: GUID of the right, attribute or property set; None means all.
        heirs: GUID of the object class that inherits it; None means all.
    """

    allows: bool
    mask: int
    kind: UUID | None
    who: str
    flags: int
    heirs: UUID | None = None

    def speaks_of(self, sids: frozenset[str], mask: int, kinds: frozenset[UUID]) -> bool:
        return self.who in sids and bool(self.mask & mask) and (self.kind is None or self.kind in kinds)


@dataclass(frozen=True)
class Guarded:
    """How the schema guards an attribute.

    Args:
        names: GUIDs that an entry for it may carry: its own, and that of its property set, if any.
        confidential: True if reading it needs an extended right too (searchFlags bit 128, MS-ADTS 3.1.1.2.3).
    """

    names: frozenset[UUID]
    confidential: bool = False


@dataclass(frozen=True)
class Reader:
    """What a connection may read of an object.

    Args:
        sids: the SIDs in the connection's own token, as text.
        attributes: their guards, by lower-cased name.
    """

    sids: frozenset[str]
    attributes: Mapping[str, Guarded]

    def may_read(self, descriptor: bytes, name: str) -> bool:
        """Tell whether an attribute may be read; an unknown attribute may not.

        Args:
            descriptor: of the object, as nTSecurityDescriptor holds it.
            name: lDAPDisplayName, in any case.

        Source: MS-ADTS 5.1.3.3 (access checks), 3.1.1.4.4 (which rights a read needs).
        """
        guarded = self.attributes.get(name.lower())
        if guarded is None:
            return False
        masks = [READ_PROPERTY, *([CONTROL_ACCESS] if guarded.confidential else [])]
        return all(may(descriptor, self.sids, mask, guarded.names) for mask in masks)


def may(descriptor: bytes, sids: frozenset[str], mask: int, kinds: frozenset[UUID]) -> bool:
    """Tell whether somebody with these SIDs has a right; an unreadable descriptor grants nothing.

    Args:
        descriptor: self-relative, as nTSecurityDescriptor holds it (MS-DTYP 2.4.6).
        sids: in their text form.
        mask: one bit, such as READ_PROPERTY.
        kinds: GUIDs of the extended right, attribute or property set (MS-ADTS 5.1.3.2.1); an entry without a
            GUID applies to all of them.
    """
    verdicts = (
        entry.allows
        for entry in _entries(descriptor)
        if not entry.flags & _INHERIT_ONLY and entry.speaks_of(sids, mask, kinds)
    )
    return next(verdicts, False)  # the first entry that applies decides


def hands_down(
    descriptor: bytes, sids: frozenset[str], mask: int, kinds: frozenset[UUID], *, heirs: UUID
) -> bool:
    """Tell whether objects of a class, anywhere below, inherit a right from this object.

    The class is named by its GUID; the rest is as in `may`.

    Source: MS-DTYP 2.4.4.1 (flags), MS-ADTS 5.1.3 (inheritance by class).
    """
    verdicts = (
        entry.allows
        for entry in _entries(descriptor)
        if entry.flags & (_TO_CONTAINERS | _ONE_LEVEL) == _TO_CONTAINERS
        and entry.heirs in (None, heirs)
        and entry.speaks_of(sids, mask, kinds)
    )
    return next(verdicts, False)


def is_protected(descriptor: bytes) -> bool:
    """Tell whether the access list inherits nothing (SE_DACL_PROTECTED, MS-DTYP 2.4.6)."""
    return len(descriptor) >= 4 and bool(int.from_bytes(descriptor[2:4], "little") & _DACL_PROTECTED)


@lru_cache(maxsize=512)
def _entries(descriptor: bytes) -> tuple[_Entry, ...]:
    """Return the entries in order, or none if the list can't be read; cached, as a unit's people share it."""
    try:
        return tuple(_read(descriptor))
    except (struct.error, ValueError, Broken):
        return ()


def _read(descriptor: bytes) -> Iterator[_Entry]:
    (start,) = struct.unpack_from("<I", descriptor, 16)
    _, _, _, count, _ = struct.unpack_from("<BBHHH", descriptor, start)
    at = start + 8
    for _ in range(count):
        kind, flags, size = struct.unpack_from("<BBH", descriptor, at)
        body = descriptor[at + 4 : at + size]
        at += size
        if kind in (_ALLOW, _DENY):
            (mask,) = struct.unpack_from("<I", body)
            yield _Entry(kind == _ALLOW, mask, None, sid(body[4:]), flags)
        elif kind in (_ALLOW_OBJECT, _DENY_OBJECT):
            yield _object_entry(body, flags, allows=kind == _ALLOW_OBJECT)


def _object_entry(body: bytes, flags: int, *, allows: bool) -> _Entry:
    mask, present = struct.unpack_from("<II", body)
    at, named = 8, dict[int, UUID]()
    for which in (_HAS_TYPE, _HAS_INHERITED_TYPE):
        if present & which:
            named[which] = UUID(bytes_le=body[at : at + 16])
            at += 16
    kind, heirs = named.get(_HAS_TYPE), named.get(_HAS_INHERITED_TYPE)
    return _Entry(allows, mask, kind, sid(body[at:]), flags, heirs)
