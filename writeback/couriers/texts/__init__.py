"""Turns a note in the outbox into the message that a person reads; the texts lie beside this file."""

import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from string import Template
from typing import Any

from writeback.envelope.jobs import FALLBACK_LOCALE
from writeback.ports import Message, Note

NOTHING = "—"
_HERE = Path(__file__).parent
_GAPS = re.compile(r"\n{3,}")  # an empty paragraph leaves these behind


class UnknownKind(LookupError):  # noqa: N818  # a bug of ours, named in one word
    """There is no text of that kind in any language."""


@dataclass(frozen=True)
class _Language:
    """The texts of one language by kind, and its words for times, durations and methods."""

    texts: dict[str, str]
    words: dict[str, Any]


@cache
def languages() -> tuple[str, ...]:
    """Return the tags of the languages that have texts."""
    return tuple(sorted(folder.name for folder in _HERE.iterdir() if (folder / "words.toml").is_file()))


def kinds() -> tuple[str, ...]:
    """Return the kinds of texts in the language that all others fall back to."""
    return tuple(sorted(_language(FALLBACK_LOCALE).texts))


def render(note: Note, *, contact: str) -> Message:
    """Return a note's message in its reader's language, or else in English.

    A missing parameter shows as a dash: a notice that lacks a word is better than no notice.

    Args:
        note: the note; its parameter `at` is Unix time, `minutes` a whole number.
        contact: the organisation's "this wasn't me" address or number.

    Raises:
        UnknownKind: there is no such text.
    """
    for tag in (*_tags(note.locale), FALLBACK_LOCALE):
        language = _language(tag)
        if note.kind in language.texts:
            text = Template(language.texts[note.kind]).substitute(_values(note, language.words, contact))
            subject, _, body = text.partition("\n")
            body = _GAPS.sub("\n\n", body.lstrip("\n"))
            return Message(to=note.to.reveal(), subject=subject, body=body, kind=note.kind)
    raise UnknownKind(note.kind)


def _tags(locale: str) -> tuple[str, ...]:
    """Return the languages on disk that fit a locale, which is never used as a path."""
    wanted = locale.lower().replace("_", "-")
    return tuple(tag for tag in languages() if tag in (wanted, wanted.partition("-")[0]))


@cache
def _language(tag: str) -> _Language:
    folder = _HERE / tag
    texts = {file.stem: file.read_text(encoding="utf-8") for file in folder.glob("*.txt")}
    return _Language(texts, tomllib.loads((folder / "words.toml").read_text(encoding="utf-8")))


def _values(note: Note, words: dict[str, Any], contact: str) -> dict[str, str]:
    given = {name: _printable(value) for name, value in note.parameters.items()}
    return {
        "account": given.get("account") or NOTHING,
        "at": _time(given.get("at", ""), words),
        "code": group_digits(given.get("code", "")) or NOTHING,
        "contact": contact,
        "done": str(words["done"].get(given.get("done", ""), NOTHING)),
        "ended": _ended_sentence(given.get("ended", ""), words),
        "minutes": _minutes(given.get("minutes", ""), words),
        "reference": given.get("reference") or NOTHING,
        "until": _time(given.get("until", ""), words),
        "usable": _usable_sentence(given.get("usable", ""), given.get("at", ""), words),
        "way": _way(given.get("method", ""), given.get("hint", ""), words),
    }


def group_digits(code: str) -> str:
    """Return a code in groups that are easy to read: eight digits as 1234 5678, six as 123 456."""
    size = 3 if len(code) in (6, 9) else 4
    return " ".join(code[start : start + size] for start in range(0, len(code), size))


def _time(at: str, words: dict[str, Any]) -> str:
    try:
        moment = datetime.fromtimestamp(float(at), UTC)
    except (ValueError, OverflowError, OSError):
        return NOTHING
    return Template(words["at"]).substitute(
        day=moment.day,
        month=words["months"][moment.month - 1],
        year=moment.year,
        hour=f"{moment.hour:02}",
        minute=f"{moment.minute:02}",
    )


def _minutes(count: str, words: dict[str, Any]) -> str:
    if count == "1":
        return str(words["minute"])
    return Template(words["minutes"]).substitute(count=count or NOTHING)


def _ended_sentence(count: str, words: dict[str, Any]) -> str:
    """Return the sentence that says how many other attempts were ended; empty for none."""
    if not count:
        return ""
    return str(words["ended"]) if count == "1" else Template(words["ended_many"]).substitute(count=count)


def _usable_sentence(since: str, at: str, words: dict[str, Any]) -> str:
    """Return the sentences that say from when a new way counts; empty if that is unknown."""
    if not since:
        return ""
    later = Template(words["usable_later"].lstrip("\n")).substitute(when=_time(since, words))
    return later if since != at else str(words["usable_now"])


def _way(method: str, hint: str, words: dict[str, Any]) -> str:
    name = str(words["methods"].get(method, method or NOTHING))
    return f"{name} ({hint})" if hint else name


def _printable(value: str) -> str:
    return "".join(char if char.isprintable() else " " for char in value)
