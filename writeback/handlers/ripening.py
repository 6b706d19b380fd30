"""The minimum age of a password: who has to wait is told from when, before anything is sent in vain."""

from writeback.envelope.answers import Answer, Outcome, PolicyRefusal, Rule
from writeback.envelope.jobs import Operation
from writeback.ports import Account, Directory


def read_rules(directory: Directory, account: Account, *, operation: Operation) -> Answer:
    """Return the rules for a new password, or for a reset from when there can be one.

    Raises:
        DirectoryAway: they can't be read.
    """
    is_reset = operation is Operation.RESET
    at = directory.changeable_at(account, by_reset=True) if is_reset else 0
    if at:
        return refuse_too_young(directory, account, at)
    return Answer(outcome=Outcome.DONE, facts=directory.policy(account))


def refuse_too_young(directory: Directory, account: Account, at: int) -> Answer:
    """Return the answer to somebody whose password may not be set again yet.

    Args:
        directory: where the account lies.
        account: whose owner has proven who they are.
        at: Unix time from which it may be.

    Raises:
        DirectoryAway: the rules can't be read.
    """
    policy = directory.policy(account)
    facts = PolicyRefusal(rules=(Rule.MIN_AGE,), policy=policy, length=0, changeable_at=at)
    return Answer(outcome=Outcome.REFUSED_BY_POLICY, facts=facts)
