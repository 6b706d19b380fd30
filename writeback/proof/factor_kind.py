"""What every kind of factor can do. A kind decides whether a code is right, and burns it."""

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
    """A new secret: what the register keeps, and what the person is shown once."""

    secret: bytes = field(default=b"", repr=False)
    shown: tuple[Secret, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One code against one factor within one attempt.

    Args:
        context: state, keys, time and policy.
        attempt: its id.
        factor: what the code is held against.
        handle: by which the portal names what is tried. A code that was sent is kept under it: so whether
            there is one does not depend on whose it is.
    """

    context: RegisterContext
    attempt: bytes
    factor: Factor
    handle: bytes


class FactorKind(Protocol):
    """A kind of factor.

    The check has three steps, so that what is slow holds no lock: `begin_try` and the count of a try in one
    transaction, `compute_evidence` in none, `accept` in another.
    """

    method: MethodKind
    channel: Channel | None
    """By which its codes are sent; None for what sends none."""
    guessable: bool
    """Its codes are so short, and good for so long, that wrong tries must be counted over attempts."""

    def make(self, context: RegisterContext, /) -> Made:
        """Make the secret of a new factor."""
        ...

    def make_dummy(self, seed: bytes, /) -> bytes:
        """Return a secret for a decoy, from 32 bytes, that costs the same to check."""
        ...

    def begin_try(self, tx: Connection, trial: Trial, /) -> bool:
        """Tell whether there is anything to compare a code with; a sent code loses one of its tries."""
        ...

    def compute_evidence(self, trial: Trial, typed: str, /) -> bytes:
        """Work out of a typed code what `accept` compares; empty if it can't be right."""
        ...

    def accept(self, tx: Connection, trial: Trial, evidence: bytes, /) -> bool:
        """Tell whether the code is right, and burn it: of several who come with it, one is told yes."""
        ...

    def is_used_up(self, tx: Connection, trial: Trial, /) -> bool:
        """Tell whether no further code can be right: the sent one is too old, or has had its tries."""
        ...

    def count_left(self, factor: Factor, /) -> int:
        """Return how many codes are unused; 0 for kinds that have no list of codes."""
        ...
