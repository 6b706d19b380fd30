"""Decides what comes next in an attempt (pure), and names the limits of one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from portal.throttle.rates import Rate
from writeback.envelope.answers import Outcome
from writeback.envelope.jobs import Operation
from writeback.envelope.methods import MethodFamily, MethodKind

# Codes that may be typed in one attempt. The worker counts for the person. If the portal counted by the typed
# name, anybody could use up the tries of the person with that name.
TRIES = (Rate(12, 900),)
# Codes that one attempt may ask for. Refused requests count too, since each of them is a job.
SENDINGS = (Rate(12, 900),)
RESEND_AFTER = 60
# How often the worker may hear that a page of one attempt was opened, whatever it answers.
LOOKS = (Rate(1, 60),)
# After these answers a code was sent, or a copy of the job may still send one.
MAY_BE_SENT = frozenset({Outcome.DONE, Outcome.NOT_TAKEN})
# These come from the portal itself, or from a worker that has not looked for the attempt or could not write:
# they are no sign of life in the attempt.
UNHEARD = frozenset(
    {
        Outcome.DIRECTORY_AWAY,
        Outcome.STATE_AWAY,
        Outcome.UNUSABLE_PASSWORD,
        Outcome.NOT_ALLOWED,
        Outcome.LIMIT_REACHED,
        Outcome.CLOCK,
        Outcome.EXPIRED,
        Outcome.REKEY,
        Outcome.REFUSED,
        Outcome.NOT_TAKEN,
        Outcome.CLOSED,
    }
)

_TYPE = r"(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)*)"
_VALUE = r"""(?! *(?:#|[,+]|$))(?:[^\\,+"<>;\0]|\\(?:[0-9A-Fa-f]{2}|[ "#+,;<=>\\]))+"""
_DN = re.compile(rf"{_TYPE} *={_VALUE}(?:[,+] *{_TYPE} *={_VALUE})*")


class Step(StrEnum):
    """Where an attempt stands."""

    PROVE = "prove"
    STUCK = "stuck"  # the ways that are left do not suffice
    USED_UP = "used-up"  # the ways that are left take no more tries for now
    ACT = "act"  # enough is proven: the operation itself comes next
    RESULT = "result"  # the job was sent: there is a result to see or to wait for
    OVER = "over"


@dataclass(frozen=True, kw_only=True)
class Needed:
    """How many different methods are needed, from how many different families."""

    methods: int
    families: int


@dataclass(frozen=True, kw_only=True)
class Position:
    """What is known of an attempt.

    Args:
        proven: kinds that the worker has marked and the policy still allows.
        open_kinds: kinds that could still be proven.
        closed_kinds: kinds that could be proven, but take no more tries for now.
        enough: True if the worker said at the last proof that it suffices.
        state: the state of the attempt's row.
        expired: True if its time has run out.
    """

    proven: frozenset[MethodKind]
    open_kinds: frozenset[MethodKind]
    enough: bool
    state: str
    expired: bool
    closed_kinds: frozenset[MethodKind] = frozenset()


def suffices(
    kinds: frozenset[MethodKind], needed: Needed, family_of: Mapping[MethodKind, MethodFamily]
) -> bool:
    """Tell whether the proven methods are enough, and from enough families."""
    return len(kinds) >= needed.methods and len({family_of[kind] for kind in kinds}) >= needed.families


def next_step(position: Position, needed: Needed, family_of: Mapping[MethodKind, MethodFamily]) -> Step:
    """Return what comes next; a browser is led there, whatever page it asks for."""
    if position.state in {"sent", "done", "not-done", "unsure"}:
        return Step.RESULT
    if position.state != "open" or position.expired:
        return Step.OVER
    if suffices(position.proven, needed, family_of) and (position.enough or not needed.methods):
        return Step.ACT
    if position.open_kinds - position.proven:
        return Step.PROVE
    return Step.USED_UP if position.closed_kinds - position.proven else Step.STUCK


def is_looser(least: Mapping[Operation, int], operation: Operation, gates: int) -> bool:
    """Tell whether `gates` is less than the worker's ceiling asks for."""
    return gates < least.get(operation, 0)


def is_dn(text: str) -> bool:
    """Tell whether a text has the shape of a distinguished name.

    Source: RFC 4514 §3; hexadecimal values (#…) are refused, because AD gives out none.
    """
    return _DN.fullmatch(text) is not None
