"""Who tries something, or has something sent."""

from enum import StrEnum


class Source(StrEnum):
    """Who tries, as far as the worker can tell; each has tries of its own."""

    STRANGER = "stranger"
    KNOWN = "known"  # a browser in which this person has proven enough before
    PROVEN = "proven"  # somebody who has proven something in this attempt
    SIGNED_IN = "signed-in"  # the AD password was right
    NOBODY = "nobody"  # a try at a factor that does not exist: the same work, and never of use
    TOLD = "told"  # of the typed name: what strangers are told, whoever stands behind the name
