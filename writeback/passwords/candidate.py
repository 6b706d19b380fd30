"""A new password with everything that a rule may look at."""

from dataclasses import dataclass

from writeback.envelope.answers import PolicyFacts
from writeback.envelope.secret import Secret


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A new password, and the rules that hold for its owner.

    Args:
        policy: the rules, as they are shown before anything is typed.
        pwd_last_set: FILETIME of the last change; 0 if the password must be changed.
        now: Unix time.
    """

    new: Secret
    policy: PolicyFacts
    pwd_last_set: int = 0
    now: float = 0.0

    @property
    def length(self) -> int:
        """The length in UTF-16 units, as AD counts it."""
        return len(self.new.reveal().encode("utf-16-le", "surrogatepass")) // 2
