"""Refuses a new password that breaks a rule of Keyback's own, before anything is sent to the directory."""

from writeback.envelope.answers import Outcome
from writeback.envelope.secret import Secret
from writeback.passwords import HELD_HERE, Candidate, broken_rules, may_break
from writeback.ports import Account, Directory, Written


def refuse_unsent(directory: Directory, account: Account, new: Secret) -> Written | None:
    """Return the refusal of a password that breaks a rule of HELD_HERE, or None.

    It replaces the directory's own refusal: nothing is sent, and it counts the same. The account's rules are
    read only if the password may break one, so that other passwords cost no read.

    Raises:
        DirectoryAway: the rules can't be read.
    """
    if not may_break(account, new):
        return None
    candidate = Candidate(new=new, policy=directory.policy(account))
    if not broken_rules(candidate, among=HELD_HERE):
        return None
    return Written(outcome=Outcome.REFUSED_BY_POLICY, detail="It contains a name of its owner; not sent.")
