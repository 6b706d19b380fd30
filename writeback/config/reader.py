"""Reads one table of a TOML file: each method returns the right type and notes problems."""

import difflib
import re
import stat
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from writeback import ceiling
from writeback.ceiling import Rate
from writeback.config.files import open_to_all
from writeback.envelope.authority_files import WrongFile, read_authorities
from writeback.envelope.secret import Secret


class Section:
    """One table of the file; paths in it are relative to the folder `base`."""

    def __init__(self, raw: Mapping[str, Any], name: str, problems: list[str], *, base: Path) -> None:
        self._raw, self._name, self._problems, self._base = raw, name, problems, base
        self._known: set[str] = set()

    def problem(self, key: str, sentence: str) -> None:
        where = f"{self._name} {key}" if self._name else f"[{key}]"
        self._problems.append(f"{where}: {sentence.rstrip('.')}.")

    def take(self, key: str) -> Any:
        self._known.add(key)
        return self._raw.get(key)

    def has(self, key: str) -> bool:
        return self.take(key) is not None

    def table(self, key: str) -> "Section":
        return self._inner(
            key, self.take(key), f"[{self._name.strip('[]')}.{key}]" if self._name else f"[{key}]"
        )

    def tables(self, key: str) -> list["Section"]:
        raw = self.take(key)
        if not isinstance(raw, list) or not raw:
            self._problems.append(f"[[{key}]]: there must be at least one.")
            return []
        return [self._inner(key, item, f"[[{key}]]") for item in raw]

    def _inner(self, key: str, raw: object, name: str) -> "Section":
        if raw is not None and not isinstance(raw, dict):
            self.problem(key, "must be a table of settings")
        return Section(raw if isinstance(raw, dict) else {}, name, self._problems, base=self._base)

    def text(self, key: str, default: str | None = None) -> str:
        value = self.take(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or not value or not value.isprintable():
            self.problem(key, "is missing" if value is None else "must be a text on one line, and not empty")
            return ""
        return value

    def matching(self, key: str, pattern: re.Pattern[str], kind: str) -> str:
        value = self.text(key)
        if value and not pattern.fullmatch(value):
            self.problem(key, f'"{value}" is not a {kind}')
        return value

    def choice(self, key: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        value = self.text(key, default)
        if value and value not in allowed:
            self.problem(key, f'"{value}" is not one of {", ".join(allowed)}{_did_you_mean(value, allowed)}')
        return value

    def number(self, key: str, default: int | None, least: int, most: int) -> int:
        value = self.take(key)
        if value is None and default is not None:
            return default
        if type(value) is not int or not least <= value <= most:
            self.problem(key, f"must be a whole number from {least} to {most}")
            return least
        return value

    def accept_only(self, key: str, value: int) -> None:
        """Accept a key that was a setting once, if it is left out or says what holds anyway."""
        found = self.take(key)
        if found is not None and (type(found) is not int or found != value):
            self.problem(key, f"can only be {value}; leave it out")

    def flag(self, key: str, *, default: bool) -> bool:
        value = self.take(key)
        if value is not None and type(value) is not bool:
            self.problem(key, "must be true or false")
        return value if type(value) is bool else default

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        value = self.take(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            self.problem(key, "is missing" if value is None else "must be a list of texts")
            return ()
        if not value and default is None:
            self.problem(key, "must name at least one")
        return tuple(value)

    def words(
        self, key: str, allowed: Iterable[str], default: tuple[str, ...] | None = None
    ) -> tuple[str, ...]:
        """Read a list of words from a closed list."""
        words = self.texts(key, default)
        for word in words:
            if word not in allowed:
                self.problem(key, f'"{word}" is not known here{_did_you_mean(word, allowed)}')
        return words

    def each(self, key: str, items: tuple[str, ...], check: Callable[[str], object]) -> None:
        for item in items:
            try:
                check(item)
            except ValueError as error:
                self.problem(key, str(error))

    def duration(self, key: str, default: int, least: int, most: int) -> int:
        value = self.take(key)
        if value is None:
            return default
        try:
            seconds = ceiling.parse_duration(value if isinstance(value, str) else repr(value))
        except ValueError as error:
            self.problem(key, str(error))
            return default
        if not least <= seconds <= most:
            self.problem(
                key, f'"{value}" is not between {_format_duration(least)} and {_format_duration(most)}'
            )
        return seconds

    def rates(self, key: str, default: tuple[Rate, ...]) -> tuple[Rate, ...]:
        value = self.take(key)
        if value is None:
            return default
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list) or not items or not all(isinstance(item, str) for item in items):
            self.problem(key, 'must be a rate or a list of rates, such as "5/1h"')
            return default
        try:
            rates = tuple(ceiling.parse_rate(item) for item in items)
        except ValueError as error:
            self.problem(key, str(error))
            return default
        # The state keeps counts for two days, so it can't enforce a longer limit.
        if any(rate.seconds > ceiling.DAY for rate in rates):
            self.problem(key, "must not be longer than a day")
        return rates

    def path(self, key: str) -> Path:
        return self._base / self.text(key)

    def authorities(self, key: str) -> Path | None:
        """Read the path of an optional file of CA certificates, which must not be empty."""
        if self.take(key) is None:
            return None
        path = self.path(key)
        try:
            found = read_authorities(path)
            opened = open_to_all(path)
        except OSError as error:
            self.problem(key, f"{path} can't be read: {error.strerror}")
            return path
        if isinstance(found, WrongFile):
            self.problem(key, str(found))
        if opened:
            places = " ".join(map(str, opened))
            self.problem(key, f"everybody can change {path}; run: chmod go-w {places}")
        return path

    def secret(self, key: str) -> Secret:
        """Read the first line of a secret file, which nobody else may be able to read."""
        path = self.path(key)
        if not self._raw.get(key):
            return Secret("")
        try:
            mode = path.stat().st_mode
            text = path.read_text(encoding="utf-8").rstrip("\r\n")
        except OSError as error:
            self.problem(key, f"{path} can't be read: {error.strerror}")
            return Secret("")
        except UnicodeDecodeError:
            self.problem(key, f"{path} is not UTF-8")
            return Secret("")
        if mode & (stat.S_IRWXO | stat.S_IRWXG):
            self.problem(key, f"{path} is open to others; run: chmod 0600 {path}")
        if not text or "\n" in text:
            self.problem(key, f"{path} must hold exactly one line that is not empty")
        return Secret(text)

    def done(self) -> None:
        """Report unknown settings: a limit with a misspelt name would be no limit."""
        for key in sorted(set(self._raw) - self._known):
            self.problem(key, f"is not a setting{_did_you_mean(key, self._known)}")


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, sorted(known), n=1)
    return f'; did you mean "{near[0]}"?' if near else ""


def _format_duration(seconds: int) -> str:
    for unit, size in (("d", ceiling.DAY), ("h", ceiling.HOUR), ("m", ceiling.MINUTE)):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
