"""Reading the reference that somebody noted down or was told on the telephone."""

import re
from itertools import product

_LENGTH = 8
_GAPS = re.compile(r"[\s\-\u2010-\u2015.]")
# References are base32 (RFC 4648 §6): what its alphabet lacks stands for the letter that looks like it.
# I and L are both in it and are mistaken for each other, so either may have been meant.
_MEANT = {"0": "O", "8": "B", "1": "IL", "I": "IL", "L": "LI"}
_ALPHABET = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


def references_like(typed: str) -> tuple[str, ...]:
    """Return every reference that may be meant by a typed one, the likeliest first.

    Case, blanks and dashes don't matter, 0 is O, 8 is B, and 1, I and L are all alike.

    Args:
        typed: what was typed, such as "abcd efgh".

    Returns:
        references as they are kept, ABCD-EFGH: 256 at most, none where it can't be one.
    """
    plain = _GAPS.sub("", typed)
    letters = [_MEANT.get(letter, letter) for letter in plain.upper()]
    if not plain.isascii() or len(letters) != _LENGTH or not _ALPHABET.issuperset("".join(letters)):
        return ()
    return tuple("{}{}{}{}-{}{}{}{}".format(*spelling) for spelling in product(*letters))
