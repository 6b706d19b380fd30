"""Lists the factors of a signed-in person, masked."""

from collections.abc import Sequence
from math import ceil

from writeback.ceiling import Gate, enough
from writeback.envelope.answers import FactorFacts, FactorList, FactorState
from writeback.envelope.jobs import Operation
from writeback.ports import Attempt
from writeback.proof.attempts import offer, sort_by_strength
from writeback.proof.context import RegisterContext
from writeback.proof.destination import hint_of
from writeback.proof.factor import Factor, methods_of, ready_at
from writeback.proof.registration_status import registration_status
from writeback.proof.registry import KINDS


def list_factors(context: RegisterContext, attempt: Attempt) -> FactorList:
    """Return the active and pending factors, masked, and whether they may be changed now."""
    with context.state.reading() as tx:
        now = registration_status(tx, context, attempt.owner, attempt.id)
    gate = context.ceiling.gates.get(Operation.RESET)
    ways = (offer(context, attempt.id, factor, factor.hint) for factor in now.ways)
    return FactorList(
        factors=tuple(_facts(context, factor) for factor in (*now.active, *now.pending)),
        methods_needed=gate.methods_needed if gate else 0,
        families_needed=gate.families_needed if gate else 0,
        enough=now.enough,
        stepped_up=now.stepped_up,
        offers=() if now.stepped_up else sort_by_strength(ways),
        own_mail=hint_of(now.own_mail),
        ready_at=_find_ready_time(context, now.active, gate),
    )


def _find_ready_time(context: RegisterContext, held: Sequence[Factor], gate: Gate | None) -> int:
    """Return the Unix time from which some of these factors suffice; 0 if they do now, or never will."""
    times = {factor: ready_at(factor, context) for factor in held}
    for then in sorted(times.values()):
        if enough(methods_of([factor for factor, time in times.items() if time <= then]), gate):
            return _zero_if_past(context, then)
    return 0


def _zero_if_past(context: RegisterContext, then: float) -> int:
    return ceil(then) if then > context.now() else 0


def _facts(context: RegisterContext, factor: Factor) -> FactorFacts:
    is_active = factor.state == "active"
    return FactorFacts(
        factor=factor.id,
        method=factor.method,
        state=FactorState.ACTIVE if is_active else FactorState.PENDING,
        hint=factor.hint,
        created=int(factor.created),
        last_used=int(factor.last_used),
        ready_at=_zero_if_past(context, ready_at(factor, context)) if is_active else 0,
        left=KINDS[factor.method].count_left(factor),
    )
