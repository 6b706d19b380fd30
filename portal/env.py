"""Typed readers for environment and secret files; what is wrong stops the start with a sentence."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


def text(name: str, default: str | None = None) -> str:
    """Return NAME, or the content of the file that NAME_FILE names, without white space at its ends.

    Args:
        name: of the environment variable.
        default: what holds where neither is set; None if one of them must be.

    Raises:
        ImproperlyConfigured: neither is set and there is no default, both are set, or the file can't be read.
    """
    value, path = os.environ.get(name), os.environ.get(f"{name}_FILE")
    if value is not None and path is not None:
        raise ImproperlyConfigured(f"Set {name} or {name}_FILE, not both.")
    if path is not None:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(f"{name}_FILE names a file that can't be read: {path}.") from error
    if value is None and default is None:
        raise ImproperlyConfigured(f"{name} is missing: set it, or {name}_FILE to a file that holds it.")
    return (value if value is not None else default or "").strip()


def secret(name: str, *, least: int = 32) -> str:
    """Return a secret of at least so many characters; never a default.

    Raises:
        ImproperlyConfigured: it is missing or too short.
    """
    value = text(name)
    if len(value) < least:
        raise ImproperlyConfigured(f"{name} is too short: it needs at least {least} characters.")
    return value


def flag(name: str, *, default: bool) -> bool:
    """Return a yes or no.

    Raises:
        ImproperlyConfigured: it is set to something else.
    """
    value = text(name, "1" if default else "0").lower()
    if value not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name} is neither yes nor no: {value!r}.")
    return value in TRUE


def number(name: str, *, default: int, least: int = 0, most: int = 1_000_000) -> int:
    """Return a whole number within its bounds.

    Raises:
        ImproperlyConfigured: it is not a number, or is out of bounds.
    """
    value = text(name, str(default))
    if not (value.isascii() and value.isdigit() and least <= int(value) <= most):
        raise ImproperlyConfigured(f"{name} must be a whole number from {least} to {most}, not {value!r}.")
    return int(value)


def words(name: str, default: str | None = None) -> list[str]:
    """Return a comma-separated list.

    Raises:
        ImproperlyConfigured: it is missing and there is no default.
    """
    return [word.strip() for word in text(name, default).split(",") if word.strip()]
