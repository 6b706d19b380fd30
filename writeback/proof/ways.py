"""The ways to prove it that an attempt offers; before proof everybody sees the same, one way of each kind.

Showing only what a person has registered would reveal that the person exists: two names of one person would
always show the same, two made-up names would not. So a kind that a person lacks is offered too, with a
made-up factor that no code fits.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from writeback.envelope.methods import MethodKind
from writeback.envelope.secret import Secret
from writeback.ports import Owner
from writeback.proof.context import RegisterContext
from writeback.proof.decoys import make_up_factor
from writeback.proof.factor import Factor
from writeback.proof.factor_kind import Trial
from writeback.proof.registry import KINDS


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way to prove it, which may stand for several factors.

    Args:
        handle: 16 bytes, the name that the portal uses for it in an attempt.
        factors: its factors, at least one: all apps of a person are one way, and so are all mailboxes.
    """

    handle: bytes
    factors: tuple[Factor, ...]

    @property
    def method(self) -> MethodKind:
        """The method of its factors."""
        return self.factors[0].method

    def factor_for(self, context: RegisterContext, attempt: bytes, code: Secret) -> Factor:
        """Return the factor that a code fits; the first one if it fits none, or if it may fit all.

        All mailboxes get the same code, so a sent code is kept with the first one.
        """
        kind = KINDS[self.method]
        if len(self.factors) == 1 or kind.channel:
            return self.factors[0]
        fits = (
            one
            for one in self.factors
            if kind.compute_evidence(
                Trial(context=context, attempt=attempt, factor=one, handle=self.handle), code.reveal()
            )
        )
        return next(fits, self.factors[0])


def ways_before_proof(
    context: RegisterContext, attempt: bytes, *, owner: Owner, held: Sequence[Factor]
) -> tuple[Way, ...]:
    """Return one way of each kind, strongest first.

    Args:
        context: the keys.
        attempt: id of the attempt, 16 bytes.
        owner: the person, or the shadow of a name.
        held: the person's factors that may be used now; empty for a decoy.
    """
    return tuple(
        Way(
            handle=context.keys.digest("handle", attempt, method.encode())[:16],
            factors=tuple(one for one in held if one.method is method)
            or (make_up_factor(context, owner, method),),
        )
        for method in KINDS
    )


def way_of(context: RegisterContext, attempt: bytes, factor: Factor) -> Way:
    """Return a way of just one factor, for a person whose password was right."""
    return Way(handle=context.keys.digest("handle", attempt, factor.id)[:16], factors=(factor,))
