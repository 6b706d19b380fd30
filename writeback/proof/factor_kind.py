"""The interface of a kind of factor, which decides whether a code is right, and burns it."""

from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import Connection

from writeback.envelope.methods import MethodKind
from writeback.envelope.secret import Secret
from writeback.ports import Channel
from writeback.proof.context import RegisterContext
from writeback.proof.factor import Factor


@dataclass(frozen=True, kw_only=True)
class Made:
    """A new secret: the part that the register keeps, and the part that the person sees once."""

    secret: bytes = field(default=b"", repr=False)
    shown: tuple[Secret, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One code that is checked against one factor in one attempt.

    Args:
        context: state, keys, time and policy.
        attempt: id of the attempt.
        factor: the factor to check against.
        handle: the name that the portal uses for the factor. A sent code is kept under it, so that whether
            there is one does not depend on whose factor it is.
    """

    context: RegisterContext
    attempt: bytes
    factor: Factor
    handle: bytes


class FactorKind(Protocol):
    """A kind of factor.

    A check has three steps, so that slow work holds no lock: `begin_try` and the count of a try in one
    transaction, `compute_evidence` outside any, `accept` in another.
    """

    method: MethodKind
    channel: Channel | None
    """The channel by which its codes are sent; None if it sends none."""
    guessable: bool
    """True if its codes are so short, and valid for so long, that wrong tries are counted across attempts."""

    def make(self, context: RegisterContext, /) -> Made:
        """Make the secret of a new factor."""
        ...

    def make_dummy(self, seed: bytes, /) -> bytes:
        """Return a decoy's secret, made from 32 bytes; a check against it takes as long as a real one."""
        ...

    def begin_try(self, tx: Connection, trial: Trial, /) -> bool:
        """Tell whether there is anything to compare a code with, and use up one try of a sent code."""
        ...

    def compute_evidence(self, trial: Trial, typed: str, /) -> bytes:
        """Compute from a typed code what `accept` compares; empty if the code can't be right."""
        ...

    def accept(self, tx: Connection, trial: Trial, evidence: bytes, /) -> bool:
        """Tell whether the code is right, and burn it: of several checks of one code, only one succeeds."""
        ...

    def is_used_up(self, tx: Connection, trial: Trial, /) -> bool:
        """Tell whether no code can be right any more, since the sent one is too old or out of tries."""
        ...

    def count_left(self, factor: Factor, /) -> int:
        """Return how many codes are unused; 0 for kinds that have no list of codes."""
        ...
