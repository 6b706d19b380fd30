"""Reads a typed code; both sides of the border forgive the same gaps, cases and look-alikes."""

import re
from collections.abc import Mapping

from writeback.envelope.methods import CODE_LENGTH, MethodKind

LONGEST_TYPED = 64
"""Characters that may be typed for a code, gaps included."""

BACKUP_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
"""Base32 of RFC 4648: the characters that a backup code is made of."""

_GAPS = re.compile(r"[\s\-\u2010-\u2015]")
# A digit that is not in the alphabet means the letter that looks like it.
_LOOK_ALIKES = str.maketrans("018", "OIB")
_DIGITS = frozenset("0123456789")
_ALPHABETS: Mapping[MethodKind, frozenset[str]] = {MethodKind.BACKUP_CODES: frozenset(BACKUP_ALPHABET)}


def clean(kind: MethodKind, typed: str) -> str:
    """Return a typed code without spaces and dashes; a backup code gets the letters of its alphabet."""
    bare = _GAPS.sub("", typed)
    return bare.upper().translate(_LOOK_ALIKES) if kind is MethodKind.BACKUP_CODES else bare


def has_right_characters(kind: MethodKind, code: str) -> bool:
    """Tell whether a cleaned code has only characters that codes of this kind have."""
    return set(code) <= _ALPHABETS.get(kind, _DIGITS)


def read_code(kind: MethodKind, typed: str) -> str:
    """Return a typed code, cleaned, or an empty text if it can't be a code of this kind."""
    code = clean(kind, typed) if len(typed) <= LONGEST_TYPED else ""
    return code if len(code) == CODE_LENGTH[kind] and has_right_characters(kind, code) else ""
