"""What comes next in an attempt."""

from dataclasses import replace

import pytest

from portal.gates.rules import Needed, Position, Step, is_dn, next_step
from writeback.envelope.methods import FAMILY_OF, MethodFamily, MethodKind

TWO = Needed(methods=2, families=2)
NONE = Needed(methods=0, families=0)
T, E, B = MethodKind.TOTP, MethodKind.EMAIL, MethodKind.BACKUP_CODES


def at(
    proven: set[MethodKind],
    left: set[MethodKind],
    *,
    enough: bool = True,
    state: str = "open",
    expired: bool = False,
) -> Position:
    return Position(
        proven=frozenset(proven), open_kinds=frozenset(left), enough=enough, state=state, expired=expired
    )


@pytest.mark.parametrize(
    ("position", "needed", "step"),
    [
        (at({T}, {E}, enough=False), TWO, Step.PROVE),
        (at({T, E}, {B}), TWO, Step.ACT),
        (at({T, E}, {B}, enough=False), TWO, Step.PROVE),  # the worker wants more
        (at({T}, set()), TWO, Step.STUCK),  # the portal wants more
        (at({T}, {T}), TWO, Step.STUCK),  # a second app is not a second method
        (at(set(), set(), enough=False), NONE, Step.ACT),
        (at(set(), set(), enough=False), TWO, Step.STUCK),
        (at({T, E}, set(), expired=True), TWO, Step.OVER),
        (at({T, E}, set(), state="void"), TWO, Step.OVER),
        (at({T, E}, set(), state="sent", expired=True), TWO, Step.RESULT),
        (at({T, E}, set(), state="done"), TWO, Step.RESULT),
        (at({T, E}, set(), state="unsure"), TWO, Step.RESULT),
    ],
)
def test_server_state_alone_decides(position: Position, needed: Needed, step: Step) -> None:
    assert next_step(position, needed, FAMILY_OF) is step


def test_two_methods_of_one_family_count_as_one() -> None:
    assert (
        next_step(at({T, E}, set()), TWO, {**FAMILY_OF, MethodKind.EMAIL: MethodFamily.PHONE}) is Step.STUCK
    )


@pytest.mark.parametrize(
    "text",
    [
        "CN=IT,OU=Groups,DC=corp,DC=example",
        "cn = IT, dc = corp",
        r"CN=Weber\, Team,DC=corp",
        r"CN=a\2Cb\5c,DC=corp",
        "CN=Bücher & Räder (Süd)/1=2,DC=corp",
        "CN=a+2.5.4.11=b,DC=corp",
    ],
)
def test_names_as_ad_writes_them_are_dns(text: str) -> None:
    assert is_dn(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "IT",
        r"CORP\IT",
        "it@corp.example",
        "CN=,DC=corp",
        "CN= ,DC=corp",
        "CN=IT,,DC=corp",
        "CN=IT,DC=corp,",
        "CN=IT;DC=corp",
        "CN=Weber, Team,DC=corp",
        "CN=IT,OU Groups,DC=corp",
        '"CN=IT,DC=corp"',
        "CN=#0401,DC=corp",
        r"CN=a\b,DC=corp",
        "CN=a\\",
        "CN=a\0b",
    ],
)
def test_a_mistyped_dn_is_refused(text: str) -> None:
    assert not is_dn(text)


@pytest.mark.parametrize(
    ("proven", "left", "closed", "step"),
    [
        (set(), {T}, {E, B}, Step.PROVE),
        (set(), set(), {T, E, B}, Step.USED_UP),
        ({E}, set(), {T}, Step.USED_UP),
        ({E}, set(), {E}, Step.STUCK),
        ({T, E}, set(), {B}, Step.ACT),
    ],
)
def test_an_attempt_whose_remaining_ways_are_closed_is_used_up(
    proven: set[MethodKind], left: set[MethodKind], closed: set[MethodKind], step: Step
) -> None:
    position = replace(at(proven, left), closed_kinds=frozenset(closed))
    assert next_step(position, TWO, FAMILY_OF) is step
