"""All rules for a new password, run in the order in which a person is told of them.

AD judges every password and says only that it refused one (0000052D), so the rules explain that afterwards.
Some rules are held here too, before anything is sent, because not every directory enforces them. What AD
can't hold at all is refused before there are rules to look at (envelope/passwords.py: is_usable).
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
"""What tells whether a rule is broken, in order; a new rule is its function and one line here."""
HELD_HERE = frozenset({Rule.NAME_IN_PASSWORD})
"""Rules by which Keyback itself refuses.

Windows enforces this one (PASSWORD_COMPLEX, MS-SAMR 3.1.1.7.2). Samba takes such a password, although
the page says that it is not allowed.
"""


def broken_rules(candidate: Candidate, *, among: Collection[Rule] = frozenset(PIPELINE)) -> tuple[Rule, ...]:
    """Return the rules that a password breaks, in order.

    Args:
        candidate: the password.
        among: the rules that are looked at.
    """
    return tuple(rule for rule, is_broken in PIPELINE.items() if rule in among and is_broken(candidate))


def may_break(account: Account, new: Secret) -> bool:
    """Tell whether a password breaks a rule that is held here, if the account's policy has that rule.

    Nothing is asked of the directory.
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
    """Work out which rules a password broke that the directory has refused.

    Where it breaks none of these, it was an earlier one, or a filter of the directory's own refused it.
    """
    broken = broken_rules(candidate)
    is_early = Rule.MIN_AGE in broken
    return PolicyRefusal(
        rules=broken or (Rule.HISTORY_OR_FILTER,),
        policy=candidate.policy,
        length=candidate.length,
        changeable_at=changeable_at(candidate.policy, candidate.pwd_last_set) if is_early else 0,
    )
