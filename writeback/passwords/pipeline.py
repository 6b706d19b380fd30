"""Runs all rules for a new password, in the order in which a person sees the broken ones.

AD judges every password, but a refusal does not name the broken rule (0000052D). So the rules explain it
afterwards. Some rules are checked here too, before anything is sent, because not every directory enforces
them. A password that AD can't store at all is refused earlier (envelope/passwords.py: is_usable).
"""

from collections.abc import Callable, Collection, Mapping

from writeback.envelope.answers import PolicyFacts, PolicyRefusal, Rule
from writeback.envelope.passwords import name_parts
from writeback.envelope.secret import Secret
from writeback.passwords.candidate import Candidate
from writeback.passwords.rules import (
    changeable_at,
    has_too_few_kinds,
    holds_own_name,
    is_too_early,
    is_too_short,
)
from writeback.ports import Account

PIPELINE: Mapping[Rule, Callable[[Candidate], bool]] = {
    Rule.MIN_LENGTH: is_too_short,
    Rule.COMPLEXITY: has_too_few_kinds,
    Rule.NAME_IN_PASSWORD: holds_own_name,
    Rule.MIN_AGE: is_too_early,
}
"""Tells for each rule, in order, whether it is broken; a new rule is its function and one line here."""
HELD_HERE = frozenset({Rule.NAME_IN_PASSWORD})
"""Rules that Keyback itself enforces.

Windows enforces this one as well (PASSWORD_COMPLEX, MS-SAMR 3.1.1.7.2). Samba would take such a password,
although the page says that it is not allowed.
"""


def broken_rules(candidate: Candidate, *, among: Collection[Rule] = frozenset(PIPELINE)) -> tuple[Rule, ...]:
    """Return the rules that a password breaks, in order.

    Args:
        candidate: the password.
        among: the rules to check.
    """
    return tuple(rule for rule, is_broken in PIPELINE.items() if rule in among and is_broken(candidate))


def may_break(account: Account, new: Secret) -> bool:
    """Tell whether a password breaks a rule of HELD_HERE, provided that the account's policy has that rule.

    The directory is not asked.
    """
    strictest = PolicyFacts(
        min_length=0,
        complexity=True,
        history=0,
        min_age=0,
        names=name_parts(account.name, account.display_name),
    )
    return bool(broken_rules(Candidate(new=new, policy=strictest), among=HELD_HERE))


def explain(candidate: Candidate) -> PolicyRefusal:
    """Return which rules were broken by a password that the directory has refused.

    If it breaks none of these, it was used before, or a password filter of the directory's own refused it.
    """
    broken = broken_rules(candidate)
    is_early = Rule.MIN_AGE in broken
    return PolicyRefusal(
        rules=broken or (Rule.HISTORY_OR_FILTER,),
        policy=candidate.policy,
        length=candidate.length,
        changeable_at=changeable_at(candidate.policy, candidate.pwd_last_set) if is_early else 0,
    )
