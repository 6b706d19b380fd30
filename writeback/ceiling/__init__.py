"""The worker's own policy, which the portal can tighten but never loosen."""

from writeback.ceiling.dn import Rdn, domain_of, lies_below, parse_dn
from writeback.ceiling.policy import Attempts, Ceiling, Gate, Limits, Notify, Scope
from writeback.ceiling.rates import DAY, HOUR, MINUTE, Rate, parse_duration, parse_rate
from writeback.ceiling.verdict import enough, judge, reasons

__all__ = [
    "DAY",
    "HOUR",
    "MINUTE",
    "Attempts",
    "Ceiling",
    "Gate",
    "Limits",
    "Notify",
    "Rate",
    "Rdn",
    "Scope",
    "domain_of",
    "enough",
    "judge",
    "lies_below",
    "parse_dn",
    "parse_duration",
    "parse_rate",
    "reasons",
]
