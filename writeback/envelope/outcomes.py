"""The closed lists of words that an answer may use; pages and mails make sentences of them."""

from enum import StrEnum


class Outcome(StrEnum):
    """How a job ended; for each outcome, pages have one true sentence."""

    DONE = "done"
    PARTIAL = "partial"  # the password was set, the unlock was refused

    # Proof and attempts
    ATTEMPT_GONE = "attempt-gone"  # unknown, expired, or spent; begin again
    NOT_PROVEN = "not-proven"  # the marks in the attempt's row don't suffice for this
    WRONG_CODE = "wrong-code"
    CODE_EXPIRED = "code-expired"  # too old, or used up by wrong tries; ask for a new one
    TOO_MANY_TRIES = "too-many-tries"  # facts: Wait
    TOO_SOON = "too-soon"  # a code was sent a moment ago; facts: Wait
    NOT_ALLOWED = "not-allowed"  # this operation or method is switched off at the worker

    # Sign-in and change
    WRONG_PASSWORD = "wrong-password"  # noqa: S105  # facts: Wait, the longest observation window
    MUST_CHANGE = "must-change"  # the password is right and must be changed first (773)
    PASSWORD_EXPIRED = "password-expired"  # noqa: S105  # the password is right and has expired (532)
    SIGN_IN_CLOSED = "sign-in-closed"  # the site's budget of failures is used up; facts: Wait

    # The account; these are answered only after proof
    ACCOUNT_LOCKED = "account-locked"
    ACCOUNT_DISABLED = "account-disabled"
    ACCOUNT_EXPIRED = "account-expired"
    ACCOUNT_RESTRICTED = "account-restricted"  # logon hours or workstation; the password is right
    ACCOUNT_GONE = "account-gone"
    PROTECTED_ACCOUNT = "protected-account"
    OUT_OF_SCOPE = "out-of-scope"
    NOT_LOCKED = "not-locked"  # an unlock was asked for, but the account is not locked
    CANNOT_CHANGE = "cannot-change"  # AD forbids this account to change its password
    SMART_CARD = "smart-card"  # the account signs in with a smart card; nobody knows its password
    UNREACHABLE = "unreachable"  # the person could not be notified, and the site does nothing then

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
    STATE_AWAY = "state-away"  # the worker's state can't be written; nothing was changed
    LIMIT_REACHED = "limit-reached"  # the person's limit or the site's breaker; facts: Wait
    UNKNOWN = "unknown"  # something may have been changed

    # The worker did not do it and could not close it: a copy may still be done, so the portal asks JobStatus
    NOT_TAKEN = "not-taken"

    # JobStatus
    IN_PROGRESS = "in-progress"
    NEVER_SEEN = "never-seen"
    CLOSED = "closed"  # it was not done and never will be; nothing was changed

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
    """The state of a directory in a heartbeat."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"


class Unreachable(StrEnum):
    """What a site does for a person who can't be notified, with no address in the directory or registered."""

    TELL_ADMINISTRATORS = "tell-administrators"
    TELL_NOBODY = "tell-nobody"
    REFUSE = "refuse"
