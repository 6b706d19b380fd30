"""A factor as the register uses it, with its secret unsealed."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from writeback.envelope.methods import MethodKind
from writeback.ports import Owner
from writeback.proof.context import RegisterContext
from writeback.proof.destination import Destination, hint_of
from writeback.state import StateKeys

MADE_UP = "made-up"
"""The state of a decoy's factor, which is in no row of the table."""


@dataclass(frozen=True, kw_only=True)
class Factor:
    """One factor of a person or a decoy.

    Args:
        id: 16 bytes.
        secret: what its kind checks codes against.
        destination: where its codes go; None for a kind that sends no codes.
        attempt: id of the attempt in which it was enrolled; empty if it is in no row of the table.
        confirmed, last_used: Unix times; 0 for never.
    """

    id: bytes
    owner: Owner
    method: MethodKind
    secret: bytes = field(default=b"", repr=False)
    destination: Destination | None = None
    state: str = "active"
    attempt: bytes = b""
    created: float = 0.0
    confirmed: float = 0.0
    last_used: float = 0.0

    @property
    def hint(self) -> str:
        """Where its codes go, masked; empty for a kind that sends no codes."""
        return hint_of(self.destination)

    @property
    def goes_to(self) -> Destination:
        """Where its codes go; only for kinds that send codes."""
        assert self.destination is not None  # noqa: S101  # only kinds with a channel get here
        return self.destination


def has_cooled(factor: Factor, context: RegisterContext) -> bool:
    """Tell whether a factor is old enough to be used for a reset."""
    return ready_at(factor, context) <= context.now()


def ready_at(factor: Factor, context: RegisterContext) -> float:
    """Return the Unix time from which a factor may be used for a reset."""
    return factor.confirmed + context.ceiling.limits.new_factor_cooldown


def methods_of(several: Sequence[Factor]) -> frozenset[MethodKind]:
    """Return the set of methods that these factors have."""
    return frozenset(factor.method for factor in several)


def seal_secret(factor: Factor, secret: bytes, keys: StateKeys) -> bytes:
    """Seal a secret for the row of its factor; it can't be unsealed in another row."""
    return keys.seal("secret", secret, *place_of(factor.owner, factor.id))


def unseal_secret(owner: Owner, factor: bytes, sealed: bytes, keys: StateKeys) -> bytes:
    """Return the secret that was sealed for a factor."""
    return keys.unseal("secret", sealed, *place_of(owner, factor))


def place_of(owner: Owner, factor: bytes) -> tuple[bytes, ...]:
    """Return the values that a factor's sealed values are bound to."""
    return owner.directory.encode(), owner.guid, factor
