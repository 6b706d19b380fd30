"""Made-up people and made-up factors: always the same for one name, and never of use to anybody."""

from writeback.envelope.methods import MethodKind
from writeback.envelope.names import Name
from writeback.ports import Owner
from writeback.proof.context import RegisterContext
from writeback.proof.destination import make_up_destination
from writeback.proof.factor import MADE_UP, Factor
from writeback.proof.registry import KINDS


def shadow_of(context: RegisterContext, directory: str, name: Name) -> bytes:
    """Return the 16 bytes that stand for a name, the same for all its spellings."""
    return context.keys.digest("shadow", directory.encode(), name.key.encode())[:16]


def make_up_factor(context: RegisterContext, owner: Owner, method: MethodKind) -> Factor:
    """Return a factor that nobody has, with a secret that costs as much to check as a real one.

    Args:
        context: its keys.
        owner: whoever it is shown for, or the shadow of a name.
        method: its kind.
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
