"""What is asked for, and what comes next (pure)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from portal.throttle.rates import Rate
from writeback.envelope.answers import Outcome
from writeback.envelope.jobs import Operation
from writeback.envelope.methods import MethodFamily, MethodKind

# Codes that may be typed in one attempt. The worker counts for the person; a count of ours by the typed name
# would let anybody use up what its owner has.
TRIES = (Rate(12, 900),)
# What one attempt may ask a worker to send, or to begin: refused ones count, as each of them is a job.
SENDINGS = (Rate(12, 900),)
RESEND_AFTER = 60
# Looks at the pages of one attempt that a worker is told of, whatever it answers.
LOOKS = (Rate(1, 60),)
# A code is out, or a copy of the job that asked for it may still send one.
MAY_BE_SENT = frozenset({Outcome.DONE, Outcome.NOT_TAKEN})
# The portal says these itself, or the worker before it has looked for the attempt, or because it can't write.
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
    STUCK = "stuck"  # what is left to prove does not suffice
    USED_UP = "used-up"  # what is left to prove takes no more tries for now
    ACT = "act"  # enough is proven: the operation itself comes next
    RESULT = "result"  # it was sent; there is a result to see or to wait for
    OVER = "over"


@dataclass(frozen=True, kw_only=True)
class Needed:
    """How many different methods, of how many different families."""

    methods: int
    families: int


@dataclass(frozen=True, kw_only=True)
class Position:
    """What is known of an attempt.

    Args:
        proven: kinds that the worker has marked and the policy still allows.
        open_kinds: kinds that could still be proven.
        closed_kinds: kinds that could be, but take no more tries for now.
        enough: the worker's own word, at the last proof.
        state: of the attempt's row.
        expired: its time has run out.
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
    """Tell whether so many methods were proven, of so many families."""
    return len(kinds) >= needed.methods and len({family_of[kind] for kind in kinds}) >= needed.families


def next_step(position: Position, needed: Needed, family_of: Mapping[MethodKind, MethodFamily]) -> Step:
    """Decide what comes next; whatever a browser asks for, this is where it is led."""
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
    """Tell whether so many gates are fewer than the worker's ceiling asks for."""
    return gates < least.get(operation, 0)


def is_dn(text: str) -> bool:
    """Tell whether a text has the shape of a distinguished name; one that has not would name no group.

    Source: RFC 4514 §3; hexadecimal values (#…) are refused, AD gives out none.
    """
    return _DN.fullmatch(text) is not None
