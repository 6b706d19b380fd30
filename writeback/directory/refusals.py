"""The meaning of AD's refusals: one table from verb, LDAP result and AD's own code to an outcome."""

import re
from collections.abc import Mapping
from enum import Enum

from writeback.directory.connection import Reply
from writeback.envelope.answers import Outcome


class Verb(Enum):
    """What was asked of the directory."""

    BIND = "bind"
    RESET = "reset"
    CHANGE = "change"
    UNLOCK = "unlock"


ANY = -1
"""Stands for every AD code without its own line, and for a missing code."""

_BIND_CODE = re.compile(r"\bdata ([0-9A-Fa-f]{1,8})\b")
_WRITE_CODE = re.compile(r"\s*([0-9A-Fa-f]{8})\b")

# Results (RFC 4511): 19 constraintViolation, 32 noSuchObject, 49 invalidCredentials, 50 insufficientAccess-
# Rights, 51 busy, 52 unavailable, 53 unwillingToPerform. AD's own are Windows error codes (MS-ERREF 2.2).
OUTCOMES: Mapping[tuple[Verb, int, int], Outcome] = {
    (Verb.BIND, 0, ANY): Outcome.DONE,
    (Verb.BIND, 49, ANY): Outcome.WRONG_PASSWORD,
    (Verb.BIND, 49, 0x525): Outcome.WRONG_PASSWORD,  # no such user: never told apart
    (Verb.BIND, 49, 0x52E): Outcome.WRONG_PASSWORD,
    (Verb.BIND, 49, 0x52F): Outcome.DIRECTORY_REFUSED,  # a policy; it may come with a wrong password too
    (Verb.BIND, 49, 0x530): Outcome.ACCOUNT_RESTRICTED,  # logon hours
    (Verb.BIND, 49, 0x531): Outcome.ACCOUNT_RESTRICTED,  # workstation
    (Verb.BIND, 49, 0x532): Outcome.PASSWORD_EXPIRED,
    (Verb.BIND, 49, 0x533): Outcome.ACCOUNT_DISABLED,
    (Verb.BIND, 49, 0x568): Outcome.DIRECTORY_REFUSED,  # too many context ids
    (Verb.BIND, 49, 0x701): Outcome.ACCOUNT_EXPIRED,
    (Verb.BIND, 49, 0x773): Outcome.MUST_CHANGE,
    (Verb.BIND, 49, 0x775): Outcome.ACCOUNT_LOCKED,
    (Verb.BIND, 51, ANY): Outcome.DIRECTORY_AWAY,
    (Verb.BIND, 52, ANY): Outcome.DIRECTORY_AWAY,
    (Verb.RESET, 0, ANY): Outcome.DONE,
    (Verb.RESET, 19, 0x52D): Outcome.REFUSED_BY_POLICY,
    (Verb.RESET, 32, ANY): Outcome.ACCOUNT_GONE,
    (Verb.RESET, 51, ANY): Outcome.DIRECTORY_AWAY,
    (Verb.RESET, 52, ANY): Outcome.DIRECTORY_AWAY,
    (Verb.RESET, 53, 0x52D): Outcome.REFUSED_BY_POLICY,
    (Verb.CHANGE, 0, ANY): Outcome.DONE,
    (Verb.CHANGE, 19, ANY): Outcome.CANNOT_CHANGE,  # AD's answer where Change Password is denied
    (Verb.CHANGE, 19, 0x56): Outcome.WRONG_PASSWORD,
    (Verb.CHANGE, 19, 0x56A): Outcome.WRONG_PASSWORD,  # an over-long old password
    (Verb.CHANGE, 19, 0x52B): Outcome.WRONG_PASSWORD,
    (Verb.CHANGE, 19, 0x52C): Outcome.UNUSABLE_PASSWORD,
    (Verb.CHANGE, 19, 0x52D): Outcome.REFUSED_BY_POLICY,
    (Verb.CHANGE, 19, 0x533): Outcome.ACCOUNT_DISABLED,
    (Verb.CHANGE, 19, 0x775): Outcome.ACCOUNT_LOCKED,
    (Verb.CHANGE, 32, ANY): Outcome.ACCOUNT_GONE,
    (Verb.CHANGE, 50, ANY): Outcome.CANNOT_CHANGE,
    (Verb.CHANGE, 51, ANY): Outcome.DIRECTORY_AWAY,
    (Verb.CHANGE, 52, ANY): Outcome.DIRECTORY_AWAY,
    (Verb.CHANGE, 53, 0x52D): Outcome.REFUSED_BY_POLICY,
    (Verb.UNLOCK, 0, ANY): Outcome.DONE,
    (Verb.UNLOCK, 32, ANY): Outcome.ACCOUNT_GONE,
    (Verb.UNLOCK, 51, ANY): Outcome.DIRECTORY_AWAY,
    (Verb.UNLOCK, 52, ANY): Outcome.DIRECTORY_AWAY,
}
"""Anything else is a missing right or a wrong setup: DIRECTORY_REFUSED."""


def ad_code(verb: Verb, message: str) -> int:
    """Return AD's own code from a diagnostic message, or ANY if it has none."""
    found = _BIND_CODE.search(message) if verb is Verb.BIND else _WRITE_CODE.match(message)
    return int(found[1], 16) if found else ANY


def outcome_of(verb: Verb, reply: Reply) -> Outcome:
    """Return what the directory's reply means for the person.

    Only the result code tells done from refused: ldap3's helpers return True in both cases.
    """
    exact = (verb, reply.result, ad_code(verb, reply.message))
    general = (verb, reply.result, ANY)
    return OUTCOMES.get(exact, OUTCOMES.get(general, Outcome.DIRECTORY_REFUSED))
