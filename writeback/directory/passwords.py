"""Step 6 of 8: the three writes, and the check of a password by a bind.

A reset replaces `unicodePwd`, a change deletes the old value and adds the new one (MS-ADTS 3.1.1.3.1.5);
neither ever becomes the other. Each write is sent once.
"""

from collections.abc import Sequence
from dataclasses import replace

from writeback.directory.accounts import LOCKED, STATE_ATTRIBUTES, read_entry
from writeback.directory.attributes import guid_target, integer, text
from writeback.directory.connection import ADD, DELETE, REPLACE, Broken, Changes, Control, Link, Reply
from writeback.directory.readable import GRANT
from writeback.directory.refusals import Verb, outcome_of
from writeback.envelope.answers import Outcome
from writeback.envelope.passwords import is_usable
from writeback.envelope.secret import Secret
from writeback.ports import Account, DirectoryAway, Unreadable, Written

FULL_POLICY = bytes.fromhex("3003020101")
"""SEQUENCE { INTEGER 1 }: makes AD apply history and minimum age to a reset (MS-ADTS 3.1.1.3.4.1.27)."""
UNLOCKED: Changes = {"lockoutTime": [(REPLACE, [b"0"])]}
NO_HINTS = "The controller does not offer the policy-hints control"
EXPIRED_AT_ONCE = "pwdLastSet is 0 after the reset: the service account lacks the right Unexpire Password"


def check_password(link: Link, account: Account, password: Secret) -> Outcome:
    """Bind as the account; accept it only if the server then names that same account."""
    if not is_usable(password):
        return Outcome.WRONG_PASSWORD
    reply = link.bind(account.dn, password.reveal().encode())
    outcome = outcome_of(Verb.BIND, reply)
    if outcome is Outcome.DIRECTORY_AWAY:
        raise DirectoryAway(f"{link.host.name}: {reply}")
    if outcome is Outcome.DONE and not _is_same(link.who_am_i(), account):
        return Outcome.WRONG_PASSWORD
    return outcome


def _is_same(authorization: str, account: Account) -> bool:
    r"""Compare the answer to WhoAmI, `u:DOMAIN\name`, with the expected account."""
    kind, _, who = authorization.partition(":")
    return kind == "u" and who.rpartition("\\")[2].casefold() == account.name.casefold() != ""


def reset(link: Link, account: Account, new: Secret, *, locked: bool, hints_required: bool) -> Written:
    """Set a new password under the full policy, and unlock a locked account in the same or a second write."""
    if not is_usable(new):
        return Written(outcome=Outcome.UNUSABLE_PASSWORD)
    if link.hints is None and hints_required:
        return Written(outcome=Outcome.DIRECTORY_REFUSED, detail=f"{NO_HINTS}; nothing was sent.")
    controls = [(link.hints, True, FULL_POLICY)] if link.hints else []
    password: Changes = {"unicodePwd": [(REPLACE, [_quote(new)])]}
    changes = {**password, **UNLOCKED} if locked else password
    written = _write(link, account, Verb.RESET, changes, controls)
    if locked and written.outcome is Outcome.DIRECTORY_REFUSED:
        written = _reset_then_unlock(link, account, password, controls)
    if link.hints is None:
        written = replace(written, detail=f"{NO_HINTS}; went on without. {written.detail}".rstrip())
    return written


def _reset_then_unlock(
    link: Link, account: Account, password: Changes, controls: Sequence[Control]
) -> Written:
    """Reset and unlock in two writes after AD refused one write; PARTIAL if only the reset succeeded."""
    first = _write(link, account, Verb.RESET, password, controls)
    if first.outcome is not Outcome.DONE:
        return first
    try:
        second = _write(link, account, Verb.UNLOCK, UNLOCKED)
    except Broken as fault:  # unsent, but the password is set
        return Written(outcome=Outcome.PARTIAL, detail=f"the unlock: {fault}")
    if second.outcome is Outcome.DONE:
        return first
    return Written(outcome=Outcome.PARTIAL, detail=f"the unlock: {second.detail}")


def change(link: Link, account: Account, old: Secret, new: Secret) -> Written:
    """Change the password; AD itself checks the old one, even if it has expired or must be changed."""
    if not is_usable(old):
        return Written(outcome=Outcome.WRONG_PASSWORD)
    if not is_usable(new):
        return Written(outcome=Outcome.UNUSABLE_PASSWORD)
    changes: Changes = {"unicodePwd": [(DELETE, [_quote(old)]), (ADD, [_quote(new)])]}
    return _write(link, account, Verb.CHANGE, changes)


def unlock(link: Link, account: Account) -> Written:
    """Unlock the account; AD resets the count of wrong passwords as well."""
    return _write(link, account, Verb.UNLOCK, UNLOCKED)


def state(link: Link, guid: bytes) -> tuple[int, bool] | None:
    """Read pwdLastSet (FILETIME) and whether the account is locked; None if it is gone.

    Raises:
        Unreadable: the service account may not read one of the two.
    """
    entry = read_entry(link, guid, STATE_ATTRIBUTES)
    if entry is None:
        return None
    hidden = [name for name in STATE_ATTRIBUTES if not entry.get(name.lower())]
    if hidden:
        raise Unreadable(f"{text(entry, 'dn')}: {', '.join(hidden)} can't be read; {GRANT}")
    computed = integer(entry, "msds-user-account-control-computed")
    return integer(entry, "pwdlastset"), bool(computed & LOCKED)


def _write(
    link: Link,
    account: Account,
    verb: Verb,
    changes: Changes,
    controls: Sequence[Control] = (),
) -> Written:
    try:
        reply: Reply = link.modify(guid_target(account.guid), changes, controls)
    except Broken as fault:
        if not fault.sent:
            raise
        return Written(outcome=Outcome.UNKNOWN, detail=str(fault))
    outcome = outcome_of(verb, reply)
    return Written(outcome=outcome, detail="" if outcome is Outcome.DONE else str(reply))


def _quote(password: Secret) -> bytes:
    return f'"{password.reveal()}"'.encode("utf-16-le")
