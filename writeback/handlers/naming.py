"""The rule that a complex password holds none of its bearer's names, which not every directory enforces.

Windows does (PASSWORD_COMPLEX, MS-SAMR 3.1.1.7.2); Samba takes such a password. Keyback shows the rule, so it
holds it too.
"""

from writeback.envelope.answers import Outcome
from writeback.envelope.passwords import holds_name, name_parts
from writeback.envelope.secret import Secret
from writeback.ports import Account, Directory, Written


def holds_own_name(account: Account, new: Secret) -> bool:
    """Tell whether a new password holds a name of the account that was read already; nothing is asked."""
    return holds_name(new, name_parts(account.name, account.display_name))


def refused_for_name(directory: Directory, account: Account, new: Secret) -> Written | None:
    """Return the refusal of a password that holds its bearer's name, if the rules of the account ask for it.

    It stands in the place of the directory's own refusal: nothing is sent, and it counts the same. The rules
    are read only for such a password, so that all others cost no read.

    Raises:
        DirectoryAway: the rules can't be read.
    """
    if not holds_own_name(account, new) or not directory.policy(account).complexity:
        return None
    return Written(outcome=Outcome.REFUSED_BY_POLICY, detail="It holds its bearer's name; nothing was sent.")
