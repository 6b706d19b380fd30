"""Questions that management commands ask; without a terminal, the error names the option to use instead."""

import getpass
import sys
from collections.abc import Callable

from django.core.management.base import CommandError

CANNOT = 2
"""The exit status of a command that could not be carried out."""


def ask(question: str, *, instead: str) -> str:
    """Return what is typed at the terminal.

    Args:
        question: the question, with a space at its end.
        instead: the option that can be used instead.

    Raises:
        CommandError: there is no terminal, or it was closed; the sentence names the option.
    """
    return _ask(lambda: input(question), instead)


def ask_secret(question: str, *, instead: str) -> str:
    """Return what is typed at the terminal without showing it; otherwise like `ask`."""
    return _ask(lambda: getpass.getpass(question), instead)


def read_all(*, instead: str) -> str:
    """Return all of standard input.

    Raises:
        CommandError: standard input is closed.
    """
    if sys.stdin is None:
        raise CommandError(
            f"Standard input is closed: nothing was changed. Give {instead}.", returncode=CANNOT
        )
    return sys.stdin.read()


def _ask(read: Callable[[], str], instead: str) -> str:
    if sys.stdin is None or not sys.stdin.isatty():
        raise CommandError(
            f"There is no terminal to ask at: nothing was changed. Give {instead}.", returncode=CANNOT
        )
    try:
        return read()
    except (EOFError, KeyboardInterrupt):
        raise CommandError(
            f"There was no answer: nothing was changed. Type it, or give {instead}.", returncode=CANNOT
        ) from None
