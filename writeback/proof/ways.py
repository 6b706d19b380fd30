"""The ways to prove it that an attempt has. Before proof everybody is shown the same: one way of each kind.

What somebody has registered would tell strangers that they have: two names of one person would show the
same, two invented names would not. So who lacks a kind is shown it too, with a factor that never fits.
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
    """One way to prove it.

    Args:
        handle: the 16 bytes by which the portal names it within an attempt.
        factors: all that it stands for, at least one: every app or mailbox of a person is one way.
    """

    handle: bytes
    factors: tuple[Factor, ...]

    @property
    def method(self) -> MethodKind:
        """Their kind."""
        return self.factors[0].method

    def factor_for(self, context: RegisterContext, attempt: bytes, code: Secret) -> Factor:
        """Return the factor that a code belongs to; the first where none or all could be meant.

        A code that was sent is the same for all mailboxes, so it is kept with the first.
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
        context: keys.
        attempt: id, 16 bytes.
        owner: the person, or the shadow of a name.
        held: factors that may be used now; none for a decoy.
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
    """Return the way that is just one factor, for somebody whose password was right."""
    return Way(handle=context.keys.digest("handle", attempt, factor.id)[:16], factors=(factor,))
