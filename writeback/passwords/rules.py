"""The rules for a password; each is a function that tells whether a password breaks it."""

import math
import unicodedata

from writeback.envelope.answers import PolicyFacts
from writeback.envelope.passwords import holds_name
from writeback.passwords.candidate import Candidate
from writeback.ports.filetime import unix_time

SPECIAL = frozenset("~!@#$%^&*_-+=`|\\(){}[]:;\"'<>,.?/")
_KINDS_NEEDED = 3


def is_too_short(candidate: Candidate) -> bool:
    """Tell whether a password has fewer characters than it needs."""
    return candidate.length < candidate.policy.min_length


def has_too_few_kinds(candidate: Candidate) -> bool:
    """Tell whether a password that must be complex has fewer than three kinds of characters."""
    return candidate.policy.complexity and count_kinds(candidate.new.reveal()) < _KINDS_NEEDED


def holds_own_name(candidate: Candidate) -> bool:
    """Tell whether a password contains one of the names that it must not contain."""
    return holds_name(candidate.new, candidate.policy.names)


def is_too_early(candidate: Candidate) -> bool:
    """Tell whether the current password has not reached its minimum age yet."""
    return changeable_at(candidate.policy, candidate.pwd_last_set) > candidate.now


def changeable_at(policy: PolicyFacts, pwd_last_set: int) -> int:
    """Return the Unix time at which the password reaches its minimum age; 0 if it has none or it is unknown.

    Args:
        policy: the rules that hold for the person.
        pwd_last_set: FILETIME of the last change; 0 if the password must be changed, which is allowed at
            once (MS-SAMR 3.1.1.7.1).
    """
    if not policy.readable or policy.min_age <= 0 or not pwd_last_set:
        return 0
    return math.ceil(unix_time(pwd_last_set) + policy.min_age)


def count_kinds(password: str) -> int:
    """Count a password's kinds of characters: upper, lower, digit, ASCII special, letter without case.

    AD asks for three of these five kinds (MS-SAMR 3.1.1.7.2).
    """
    kinds = {_kind(character) for character in password} - {""}
    return len(kinds)


def _kind(character: str) -> str:
    if character in SPECIAL:
        return "special"
    if character in "0123456789":
        return "digit"
    category = unicodedata.category(character)
    return {"Lu": "upper", "Ll": "lower", "Lo": "letter", "Lm": "letter", "Lt": "letter"}.get(category, "")
