"""What everything in the register works with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from writeback.ceiling import Ceiling
from writeback.ports import Clock
from writeback.state import State, StateKeys


@dataclass(frozen=True, kw_only=True)
class Desk:
    """State, keys, time and policy.

    Args:
        domains: mail domains of each directory by its id, for decoys that look at home there.
        short_name: returns the NetBIOS name of a directory by its id; empty if it is unknown.
    """

    state: State
    keys: StateKeys
    clock: Clock
    ceiling: Ceiling
    domains: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    short_name: Callable[[str], str] = lambda _: ""

    def now(self) -> float:
        """Return Unix time in seconds."""
        return self.clock.now()
