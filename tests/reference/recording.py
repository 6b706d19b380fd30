"""A table of settings that notes what is read from it: names, types, defaults and bounds."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from writeback.ceiling import DAY, HOUR, MINUTE, Rate
from writeback.config.reader import Section
from writeback.envelope.secret import Secret

MUST = "must be set"


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One setting, as the worker reads it."""

    section: str
    key: str
    kind: str
    default: str


class Recorder(Section):
    """Reads an empty table like the worker does, and notes each setting at its first reading."""

    def __init__(self, name: str = "", found: list[Setting] | None = None, **given: str) -> None:
        super().__init__(given, name, [], base=Path("/nonexistent"))
        self.name, self.found = name, [] if found is None else found

    def table(self, key: str) -> "Recorder":
        inner = f"[{self.name.strip('[]')}.{key}]" if self.name else f"[{key}]"
        return Recorder(inner, self.found)

    def note(self, key: str, kind: str, default: object) -> None:
        if all((one.section, one.key) != (self.name, key) for one in self.found):
            spoken = MUST if default is None else _spoken(default)
            self.found.append(Setting(section=self.name, key=key, kind=kind, default=spoken))

    def text(self, key: str, default: str | None = None) -> str:
        self.note(key, "text", default)
        return super().text(key, default)

    def matching(self, key: str, pattern: re.Pattern[str], kind: str) -> str:
        self.note(key, kind, None)
        return super().matching(key, pattern, kind)

    def choice(self, key: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        self.note(key, ", ".join(f'`"{word}"`' for word in allowed), default)
        return super().choice(key, allowed, default)

    def number(self, key: str, default: int | None, least: int, most: int) -> int:
        self.note(key, f"whole number, {least} to {most}", default)
        return super().number(key, default, least, most)

    def flag(self, key: str, *, default: bool) -> bool:
        self.note(key, "`true` or `false`", default)
        return super().flag(key, default=default)

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        self.note(key, "list of texts", default)
        return super().texts(key, default)

    def words(
        self, key: str, allowed: Iterable[str], default: tuple[str, ...] | None = None
    ) -> tuple[str, ...]:
        known = list(allowed)
        self.note(key, f"list of {', '.join(f'`{word}`' for word in known)}", default)
        return super().words(key, known, default)

    def duration(self, key: str, default: int, least: int, most: int) -> int:
        self.note(key, f"duration, {_time(least)} to {_time(most)}", _Seconds(default))
        return super().duration(key, default, least, most)

    def rates(self, key: str, default: tuple[Rate, ...]) -> tuple[Rate, ...]:
        self.note(key, "rate, or list of rates", default)
        return super().rates(key, default)

    def path(self, key: str) -> Path:
        self.note(key, "path", None)
        return super().path(key)

    def authorities(self, key: str) -> Path | None:
        self.note(key, "path of a PEM file", _Words("the system's authorities"))
        return None

    def secret(self, key: str) -> Secret:
        self.note(key, "path of a file for its owner only, with one line", None)
        return Secret("")

    def accept_only(self, key: str, value: int) -> None:
        """Note nothing: what was a setting once is none any more."""

    def each(self, key: str, items: tuple[str, ...], check: Callable[[str], object]) -> None:
        """Check nothing: there are no values."""


class _Seconds(int):
    """A default that is a time."""


class _Words(str):
    """A default that is no value."""

    __slots__ = ()


def _time(seconds: int) -> str:
    for unit, size, least in (("d", DAY, 2 * DAY), ("h", HOUR, HOUR), ("m", MINUTE, MINUTE)):
        if seconds >= least and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def _spoken(default: Any) -> str:
    """Return a default as it would stand in the file."""
    if isinstance(default, _Words):
        return str(default)
    if default in ("", ()):
        return "none"
    if isinstance(default, tuple):
        return ", ".join(_spoken(one) for one in default)
    return f"`{_value(default)}`"


def _value(default: Any) -> str:
    if isinstance(default, _Seconds):
        return f'"{_time(default)}"'
    if isinstance(default, Rate):
        return f'"{default.count}/{_time(default.seconds)}"'
    if isinstance(default, str):
        return f'"{default}"'
    return str(default).lower()
