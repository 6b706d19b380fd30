"""A signed-in person's factors, as they are shown."""

from writeback.envelope.answers import FactorFacts, FactorList, FactorState
from writeback.envelope.jobs import Operation
from writeback.ports import Attempt
from writeback.proof.attempts import offer, strongest_first
from writeback.proof.desk import Desk
from writeback.proof.factor import Factor, usable_from
from writeback.proof.kinds import KINDS
from writeback.proof.mailbox import mask
from writeback.proof.standing import standing_of


def list_factors(desk: Desk, attempt: Attempt) -> FactorList:
    """Return active and pending factors, masked, and whether changes are allowed now."""
    with desk.state.reading() as tx:
        now = standing_of(tx, desk, attempt.directory, attempt.guid, attempt.id)
    gate = desk.ceiling.gates.get(Operation.RESET)
    ways = (offer(desk, attempt.id, factor, mask(factor.destination)) for factor in now.ways)
    return FactorList(
        factors=tuple(_facts(desk, factor) for factor in (*now.active, *now.pending)),
        methods=gate.methods if gate else 0,
        groups=gate.groups if gate else 0,
        enough=now.enough,
        stepped_up=now.stepped_up,
        offers=() if now.stepped_up else strongest_first(ways),
        own_mail=mask(now.own_mail),
    )


def _facts(desk: Desk, factor: Factor) -> FactorFacts:
    is_active = factor.state == "active"
    return FactorFacts(
        factor=factor.id,
        method=factor.method,
        state=FactorState.ACTIVE if is_active else FactorState.PENDING,
        hint=mask(factor.destination),
        created=int(factor.created),
        last_used=int(factor.last_used),
        usable_from=int(usable_from(factor, desk)) if is_active else 0,
        left=KINDS[factor.method].left(factor),
    )
