"""The objects that every part of the register needs."""

from dataclasses import dataclass

from writeback.ceiling import Ceiling
from writeback.ports import Clock
from writeback.state import State, StateKeys


@dataclass(frozen=True, kw_only=True)
class RegisterContext:
    """State, keys, time and policy."""

    state: State
    keys: StateKeys
    clock: Clock
    ceiling: Ceiling

    def now(self) -> float:
        """Return Unix time in seconds."""
        return self.clock.now()
