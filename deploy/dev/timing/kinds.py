"""The kinds of people that a stranger must not be able to tell apart."""

from enum import StrEnum


class Kind(StrEnum):
    """The kind of person behind a name; all but the last two have ways set up."""

    REGISTERED = "registered"
    RESTING = "registered today"
    LOCKED = "locked"
    DISABLED = "disabled"
    PROTECTED = "protected"
    OUTSIDE = "out of scope"
    AMBIGUOUS = "two of one name"
    UNREGISTERED = "never registered"
    UNKNOWN = "unknown"
