"""The rules for a new password: one function for each rule, and one that runs them in order."""

from writeback.passwords.candidate import Candidate
from writeback.passwords.pipeline import HELD_HERE, PIPELINE, broken_rules, explain, may_break
from writeback.passwords.rules import changeable_at

__all__ = ["HELD_HERE", "PIPELINE", "Candidate", "broken_rules", "changeable_at", "explain", "may_break"]
