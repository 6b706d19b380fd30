"""Reading a security descriptor: the first entry that speaks of a right decides; nonsense grants nothing."""

from functools import partial
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.descriptors import (
    ALLOW,
    ALLOW_OBJECT,
    CONTROL,
    DENY,
    DENY_OBJECT,
    EVERYTHING,
    USER_CLASS,
    WRITE,
    descriptor,
)
from tests.fakes.descriptors import ace as any_ace
from writeback.cli.rights import ON_PEOPLE, UNEXPIRE_PASSWORD
from writeback.directory.descriptors import hands_down, may

RESET = ON_PEOPLE["Reset Password"]
ME, OTHER = "S-1-5-21-1-2-3-1104", "S-1-5-21-1-2-3-1105"
ace = partial(any_ace, who=ME, mask=CONTROL)


def granted(*aces: bytes) -> bool:
    return may(descriptor(*aces), frozenset({ME}), CONTROL, frozenset({RESET}))


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


DOWN, ONE_LEVEL, ONLY_BELOW = 0x2, 0x4, 0x8
INET_ORG_PERSON = UUID("4828cc14-1437-45bc-9b07-ad6f015e5f28")


@pytest.mark.parametrize(
    ("why", "aces", "to_users", "to_others"),
    [
        ("nothing is said", [], False, False),
        ("only for the object itself", [ace(ALLOW)], False, False),
        ("for everything below", [ace(ALLOW, flags=DOWN)], True, True),
        ("for users below", [ace(ALLOW_OBJECT, right=RESET, flags=DOWN | ONLY_BELOW)], True, False),
        ("for those right below alone", [ace(ALLOW, flags=DOWN | ONE_LEVEL)], False, False),
        ("another right", [ace(ALLOW_OBJECT, right=UNEXPIRE_PASSWORD, flags=DOWN)], False, False),
        ("denied first", [ace(DENY, flags=DOWN), ace(ALLOW, flags=DOWN)], False, False),
        ("denied to users", [ace(DENY_OBJECT, right=RESET, flags=DOWN), ace(ALLOW, flags=DOWN)], False, True),
        ("denied here alone", [ace(DENY), ace(ALLOW, flags=DOWN)], True, True),
    ],
)
def test_inherited_entries_depend_on_the_class(
    why: str, aces: list[bytes], *, to_users: bool, to_others: bool
) -> None:
    hands = partial(hands_down, descriptor(*aces), frozenset({ME}), CONTROL, frozenset({RESET}))
    assert (hands(heirs=USER_CLASS), hands(heirs=INET_ORG_PERSON)) == (to_users, to_others), why


@given(st.integers(0, 200))
def test_a_descriptor_that_was_cut_short_grants_nothing(length: int) -> None:
    whole = descriptor(ace(DENY, who=OTHER), ace(ALLOW_OBJECT, right=RESET))

    assert may(whole[: min(length, len(whole) - 1)], frozenset({ME}), CONTROL, frozenset({RESET})) is False


@given(st.binary(max_size=200))
def test_no_bytes_bring_it_down(raw: bytes) -> None:
    assert may(raw, frozenset({ME}), CONTROL, frozenset({RESET})) in (True, False)
