"""Made-up people and made-up factors: always the same ones for a name, and no code ever fits them."""

from writeback.envelope.methods import MethodKind
from writeback.envelope.names import Name
from writeback.ports import Owner
from writeback.proof.context import RegisterContext
from writeback.proof.destination import make_up_destination
from writeback.proof.factor import MADE_UP, Factor
from writeback.proof.registry import KINDS


def shadow_of(context: RegisterContext, realm: str, name: Name) -> bytes:
    """Return the 16 bytes that stand for a name; all its spellings have the same."""
    return context.keys.digest("shadow", realm.encode(), name.key.encode())[:16]


def make_up_factor(context: RegisterContext, owner: Owner, method: MethodKind) -> Factor:
    """Return a factor that nobody has; checking a code against its secret takes as long as for a real one.

    Args:
        context: its keys.
        owner: the person for whom the factor is shown, or the shadow of a name.
        method: the kind of the factor.
    """
    channel = KINDS[method].channel
    seed = context.keys.digest("decoy-factor", owner.directory.encode(), owner.guid, method.encode())
    return Factor(
        id=seed[:16],
        owner=owner,
        method=method,
        secret=KINDS[method].make_dummy(context.keys.digest("decoy-secret", seed)),
        destination=make_up_destination(channel, seed) if channel else None,
        state=MADE_UP,
    )
