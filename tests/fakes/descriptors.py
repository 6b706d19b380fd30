"""Security descriptors made byte by byte, as nTSecurityDescriptor holds them (MS-DTYP 2.4.6)."""

import struct
from uuid import UUID

ALLOW, DENY, ALLOW_OBJECT, DENY_OBJECT = 0, 1, 5, 6
READ, WRITE, CONTROL, EVERYTHING = 0x10, 0x20, 0x100, 0xF01FF
USER_CLASS = UUID("bf967aba-0de6-11d0-a285-00aa003049e2")


def binary_sid(text: str) -> bytes:
    """Return the bytes of a SID of the NT authority, S-1-5-…."""
    parts = [int(part) for part in text.split("-")[3:]]
    return bytes([1, len(parts)]) + (5).to_bytes(6, "big") + struct.pack(f"<{len(parts)}I", *parts)


def ace(kind: int, who: str, mask: int, right: UUID | None = None, flags: int = 0) -> bytes:
    """Return one entry; object entries also name the class user, as inherited ones do."""
    body = struct.pack("<I", mask)
    if kind in (ALLOW_OBJECT, DENY_OBJECT):
        names = (right.bytes_le if right else b"") + USER_CLASS.bytes_le
        body += struct.pack("<I", 2 | (right is not None)) + names
    body += binary_sid(who)
    return struct.pack("<BBH", kind, flags, 4 + len(body)) + body


def descriptor(*aces: bytes, protected: bool = False) -> bytes:
    """Return a self-relative descriptor with this access list and nothing else."""
    access_list = struct.pack("<BBHHH", 4, 0, 8 + sum(map(len, aces)), len(aces), 0) + b"".join(aces)
    control = 0x8004 | (0x1000 if protected else 0)
    return struct.pack("<BBHIIII", 1, 0, control, 0, 0, 0, 20) + access_list


def with_first(whole: bytes, *aces: bytes) -> bytes:
    """Put entries before the others of a descriptor that holds an access list and nothing else."""
    (start,) = struct.unpack_from("<I", whole, 16)
    revision, _, size, count, _ = struct.unpack_from("<BBHHH", whole, start)
    entries = b"".join(aces) + whole[start + 8 : start + size]
    access_list = struct.pack("<BBHHH", revision, 0, 8 + len(entries), count + len(aces), 0) + entries
    return whole[:16] + struct.pack("<I", 20) + access_list


def entries_of(whole: bytes) -> list[bytes]:
    """Return the entries of the access list, as bytes."""
    (start,) = struct.unpack_from("<I", whole, 16)
    _, _, _, count, _ = struct.unpack_from("<BBHHH", whole, start)
    found, at = [], start + 8
    for _ in range(count):
        (size,) = struct.unpack_from("<H", whole, at + 2)
        found.append(whole[at : at + size])
        at += size
    return found
