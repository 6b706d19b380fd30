"""Reads a reference that somebody wrote down or heard on the telephone."""

import re
from itertools import product

_LENGTH = 8
_GAPS = re.compile(r"[\s\-\u2010-\u2015.]")
# References are base32 (RFC 4648 §6). A character that is not in its alphabet means the letter that looks
# like it. I and L are both in the alphabet and look alike, so either may be meant.
_MEANT = {"0": "O", "8": "B", "1": "IL", "I": "IL", "L": "LI"}
_ALPHABET = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


def references_like(typed: str) -> tuple[str, ...]:
    """Return every reference that a typed one may mean, the likeliest first.

    Case, blanks and dashes don't matter; 0 means O, 8 means B, and 1, I and L may each mean I or L.

    Args:
        typed: the typed text, such as "abcd efgh".

    Returns:
        references in the form ABCD-EFGH, at most 256; none if the text can't be a reference.
    """
    plain = _GAPS.sub("", typed)
    letters = [_MEANT.get(letter, letter) for letter in plain.upper()]
    if not plain.isascii() or len(letters) != _LENGTH or not _ALPHABET.issuperset("".join(letters)):
        return ()
    return tuple("{}{}{}{}-{}{}{}{}".format(*spelling) for spelling in product(*letters))
