"""The closed lists of words that an answer may use; sentences are made of them at the edge."""

from enum import StrEnum


class Outcome(StrEnum):
    """How a job ended. Each has one honest sentence, which is made at the edge."""

    DONE = "done"
    PARTIAL = "partial"  # the password is set, the unlock was refused

    # Proof and attempts
    ATTEMPT_GONE = "attempt-gone"  # unknown, expired, or spent; begin again
    NOT_PROVEN = "not-proven"  # the marks in the row do not suffice for this
    WRONG_CODE = "wrong-code"
    CODE_EXPIRED = "code-expired"  # is too old, or used up by wrong tries; a new one is to be asked for
    TOO_MANY_TRIES = "too-many-tries"  # facts: Wait
    TOO_SOON = "too-soon"  # a code was sent a moment ago; facts: Wait
    NOT_ALLOWED = "not-allowed"  # this operation or method is switched off at the worker

    # Sign-in and change
    WRONG_PASSWORD = "wrong-password"  # noqa: S105  # facts: Wait, the longest observation window
    MUST_CHANGE = "must-change"  # the password is right and must be changed first (773)
    PASSWORD_EXPIRED = "password-expired"  # noqa: S105  # the password is right and has expired (532)
    SIGN_IN_CLOSED = "sign-in-closed"  # the site's budget of failures is used up; facts: Wait

    # The account, told only after proof
    ACCOUNT_LOCKED = "account-locked"
    ACCOUNT_DISABLED = "account-disabled"
    ACCOUNT_EXPIRED = "account-expired"
    ACCOUNT_RESTRICTED = "account-restricted"  # logon hours or workstation; the password is right
    ACCOUNT_GONE = "account-gone"
    PROTECTED_ACCOUNT = "protected-account"
    OUT_OF_SCOPE = "out-of-scope"
    NOT_LOCKED = "not-locked"  # an unlock was asked for and there is nothing to unlock
    CANNOT_CHANGE = "cannot-change"  # AD forbids this account to change its password
    SMART_CARD = "smart-card"  # the account signs in with a smart card; its password is nobody's
    UNREACHABLE = "unreachable"  # nobody could be told of it, and the site does nothing then

    # The password
    REFUSED_BY_POLICY = "refused-by-policy"  # facts: PolicyRefusal
    UNUSABLE_PASSWORD = "unusable-password"  # noqa: S105  # NUL, lone surrogate, more than 128 UTF-16 units

    # Factors
    FACTOR_GONE = "factor-gone"
    FACTOR_EXISTS = "factor-exists"
    BAD_DESTINATION = "bad-destination"

    # The directory and the site
    DIRECTORY_AWAY = "directory-away"  # nothing was changed
    DIRECTORY_REFUSED = "directory-refused"  # a missing right or a set-up fault; nothing was changed
    STATE_AWAY = "state-away"  # the worker's own memory can't be written; nothing was changed
    LIMIT_REACHED = "limit-reached"  # per person or the breaker of the site; facts: Wait
    UNKNOWN = "unknown"  # it may have been changed

    # A worker has not done it and could not close it either: a copy may still be done, so JobStatus is asked
    NOT_TAKEN = "not-taken"

    # JobStatus
    IN_PROGRESS = "in-progress"
    NEVER_SEEN = "never-seen"
    CLOSED = "closed"  # not done, and never will be: nothing was changed

    # The border
    CLOCK = "clock"  # the clocks of portal and worker are too far apart
    EXPIRED = "expired"
    REKEY = "rekey"  # sealed for a key that is gone: seal again, once
    REFUSED = "refused"


class Rule(StrEnum):
    """A password rule that can be named to the person."""

    MIN_LENGTH = "min-length"
    COMPLEXITY = "complexity"
    NAME_IN_PASSWORD = "name-in-password"  # noqa: S105
    MIN_AGE = "min-age"
    HISTORY_OR_FILTER = "history-or-filter"


class FactorState(StrEnum):
    """Where a factor stands in its life."""

    PENDING = "pending"
    ACTIVE = "active"


class DirectoryState(StrEnum):
    """What a heartbeat says of a directory."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"


class Unreachable(StrEnum):
    """What a site does for somebody who can't be told of it: no address in the directory, none registered."""

    TELL_ADMINISTRATORS = "tell-administrators"
    TELL_NOBODY = "tell-nobody"
    REFUSE = "refuse"
