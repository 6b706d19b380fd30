"""Who makes a try or asks for a mail."""

from enum import StrEnum


class Source(StrEnum):
    """Who makes a try, as far as the worker can tell; each source has its own count."""

    STRANGER = "stranger"
    KNOWN = "known"  # a browser in which this person has proven enough before
    PROVEN = "proven"  # somebody who has proven something in this attempt
    SIGNED_IN = "signed-in"  # the AD password was right
    NOBODY = "nobody"  # a try at a factor that does not exist: the same work, never a success
    TOLD = "told"  # counted by the typed name: the count that strangers see, whoever has that name
