"""Which passwords AD can hold; they travel as UTF-16LE, exactly as they were typed."""

from writeback.envelope.secret import Secret

MOST_UNITS = 128
"""UTF-16 units. AD takes more, and NUL too, after which no bind with it works."""


def utf16(password: Secret) -> bytes | None:
    """Return a password as UTF-16LE, without a mark of byte order; None if it can't be carried exactly.

    Args:
        password: of at most 128 UTF-16 units, without NUL and lone surrogates; an empty one is carried, too.
    """
    text = password.reveal()
    try:
        data = text.encode("utf-16-le")
    except UnicodeEncodeError:
        return None
    return None if "\0" in text or len(data) > 2 * MOST_UNITS else data


def is_usable(password: Secret) -> bool:
    """Tell whether AD can hold a password: it can be carried exactly, and is not empty."""
    return bool(utf16(password))
