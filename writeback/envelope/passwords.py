"""Which passwords AD can store, and which contain a name; they travel as UTF-16LE, exactly as typed."""

from collections.abc import Iterable

from writeback.envelope.secret import Secret

MOST_UNITS = 128
"""Most UTF-16 units of a password. AD takes longer ones, and NUL, but then no bind with them works."""
_SEPARATORS = ",.-_ #\t"
_SHORTEST_PART = 3


def utf16(password: Secret) -> bytes | None:
    """Return a password as UTF-16LE without a byte-order mark, or None if it can't be carried exactly.

    Args:
        password: at most 128 UTF-16 units, without NUL and lone surrogates; it may be empty.
    """
    text = password.reveal()
    try:
        data = text.encode("utf-16-le")
    except UnicodeEncodeError:
        return None
    return None if "\0" in text or len(data) > 2 * MOST_UNITS else data


def is_usable(password: Secret) -> bool:
    """Tell whether AD can store a password: it can be carried exactly, and is not empty."""
    return bool(utf16(password))


def name_parts(name: str, display_name: str) -> tuple[str, ...]:
    """Return the parts of a person's names, in lower case, that a complex password must not contain.

    Args:
        name: the account name, which is not split.
        display_name: the display name, which is split at the same characters as AD splits it.
    """
    for separator in _SEPARATORS:
        display_name = display_name.replace(separator, " ")
    parts = [name, *display_name.split(" ")]
    return tuple(dict.fromkeys(part.lower() for part in parts if len(part) >= _SHORTEST_PART))


def holds_name(password: Secret, parts: Iterable[str]) -> bool:
    """Tell whether a password contains one of the parts that `name_parts` returns, in whatever case."""
    typed = password.reveal().lower()
    return any(part in typed for part in parts)
