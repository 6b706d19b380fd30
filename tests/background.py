"""Programs as a script starts them with `&`."""

from collections.abc import Sequence


def in_background(argv: Sequence[str]) -> list[str]:
    """Return `argv` so that it inherits an ignored SIGINT, as what a shell starts with `&` does."""
    return ["sh", "-c", 'trap "" INT; exec "$@"', "sh", *argv]
