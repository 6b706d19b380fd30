"""The minimum age of a password: refuses a new one too early with the time from which it is allowed."""

from writeback.envelope.answers import Answer, Outcome, PolicyRefusal, Rule
from writeback.envelope.jobs import Operation
from writeback.ports import Account, Directory


def read_rules(directory: Directory, account: Account, *, operation: Operation) -> Answer:
    """Return the rules for a new password, or the refusal of a reset before the minimum age.

    Raises:
        DirectoryAway: the rules can't be read.
    """
    is_reset = operation is Operation.RESET
    at = directory.changeable_at(account, by_reset=True) if is_reset else 0
    if at:
        return refuse_too_young(directory, account, at)
    return Answer(outcome=Outcome.DONE, facts=directory.policy(account))


def refuse_too_young(directory: Directory, account: Account, at: int) -> Answer:
    """Return the answer to a person whose password may not be set again yet.

    Args:
        directory: the account's directory.
        account: the account; its owner has proven who they are.
        at: Unix time from which the password may be set.

    Raises:
        DirectoryAway: the rules can't be read.
    """
    policy = directory.policy(account)
    facts = PolicyRefusal(rules=(Rule.MIN_AGE,), policy=policy, length=0, changeable_at=at)
    return Answer(outcome=Outcome.REFUSED_BY_POLICY, facts=facts)
