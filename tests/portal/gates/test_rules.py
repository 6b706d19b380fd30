"""What comes next in an attempt."""

import pytest

from portal.gates.rules import Needed, Position, Step, next_step
from writeback.envelope.jobs import Method as Kind

GROUPS = {Kind.TOTP: "phone", Kind.EMAIL: "mailbox", Kind.BACKUP_CODES: "paper"}
TWO = Needed(methods=2, groups=2)
NONE = Needed(methods=0, groups=0)
T, E, B = Kind.TOTP, Kind.EMAIL, Kind.BACKUP_CODES


def at(
    proven: set[Kind], left: set[Kind], *, enough: bool = True, state: str = "open", expired: bool = False
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
    assert next_step(position, needed, GROUPS) is step


def test_two_methods_of_one_group_count_as_one() -> None:
    assert next_step(at({T, E}, set()), TWO, {**GROUPS, Kind.EMAIL: "phone"}) is Step.STUCK
