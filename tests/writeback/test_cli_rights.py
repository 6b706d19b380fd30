"""Reading a security descriptor: the first entry that speaks of a right decides; nonsense grants nothing."""

import struct
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from writeback.cli.rights import ON_PEOPLE, UNEXPIRE_PASSWORD, may

RESET = ON_PEOPLE["Reset Password"]
ME, OTHER = "S-1-5-21-1-2-3-1104", "S-1-5-21-1-2-3-1105"
ALLOW, DENY, ALLOW_OBJECT, DENY_OBJECT = 0, 1, 5, 6
CONTROL, WRITE, EVERYTHING = 0x100, 0x20, 0xF01FF


def binary_sid(text: str) -> bytes:
    parts = [int(part) for part in text.split("-")[3:]]
    return bytes([1, len(parts)]) + (5).to_bytes(6, "big") + struct.pack(f"<{len(parts)}I", *parts)


def ace(kind: int, who: str = ME, mask: int = CONTROL, right: UUID | None = None, flags: int = 0) -> bytes:
    body = struct.pack("<I", mask)
    if kind in (ALLOW_OBJECT, DENY_OBJECT):
        inherited = UUID("bf967aba-0de6-11d0-a285-00aa003049e2").bytes_le
        body += struct.pack("<I", 2 | (right is not None)) + (right.bytes_le if right else b"") + inherited
    body += binary_sid(who)
    return struct.pack("<BBH", kind, flags, 4 + len(body)) + body


def descriptor(*aces: bytes) -> bytes:
    access_list = struct.pack("<BBHHH", 4, 0, 8 + sum(map(len, aces)), len(aces), 0) + b"".join(aces)
    return struct.pack("<BBHIIII", 1, 0, 0x8004, 0, 0, 0, 20) + access_list


def granted(*aces: bytes) -> bool:
    return may(descriptor(*aces), RESET, frozenset({ME}))


@pytest.mark.parametrize(
    ("why", "aces", "expected"),
    [
        ("nothing is said", [], False),
        ("the right itself", [ace(ALLOW_OBJECT, right=RESET)], True),
        ("all extended rights", [ace(ALLOW_OBJECT)], True),
        ("full control", [ace(ALLOW, mask=EVERYTHING)], True),
        ("another right", [ace(ALLOW_OBJECT, right=UNEXPIRE_PASSWORD)], False),
        ("another kind of access", [ace(ALLOW_OBJECT, mask=WRITE, right=RESET)], False),
        ("somebody else", [ace(ALLOW_OBJECT, who=OTHER, right=RESET)], False),
        ("only for what lies below", [ace(ALLOW_OBJECT, right=RESET, flags=0x0A)], False),
        ("denied first", [ace(DENY_OBJECT, right=RESET), ace(ALLOW, mask=EVERYTHING)], False),
        ("all denied first", [ace(DENY, mask=EVERYTHING), ace(ALLOW_OBJECT, right=RESET)], False),
        ("denied after", [ace(ALLOW_OBJECT, right=RESET), ace(DENY, mask=EVERYTHING)], True),
        ("denied to others", [ace(DENY, who=OTHER, mask=EVERYTHING), ace(ALLOW, mask=EVERYTHING)], True),
        ("entries of other kinds", [ace(2, mask=EVERYTHING), ace(9, mask=EVERYTHING)], False),
    ],
)
def test_the_first_entry_that_speaks_of_the_right_decides(
    why: str, aces: list[bytes], *, expected: bool
) -> None:
    assert granted(*aces) is expected, why


@given(st.integers(0, 200))
def test_a_descriptor_that_was_cut_short_grants_nothing(length: int) -> None:
    whole = descriptor(ace(DENY, who=OTHER), ace(ALLOW_OBJECT, right=RESET))

    assert may(whole[: min(length, len(whole) - 1)], RESET, frozenset({ME})) is False


@given(st.binary(max_size=200))
def test_no_bytes_bring_it_down(raw: bytes) -> None:
    assert may(raw, RESET, frozenset({ME})) in (True, False)
