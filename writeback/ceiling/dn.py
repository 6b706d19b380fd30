"""Compares distinguished names part by part: a suffix of the text proves nothing."""

import re
from collections.abc import Collection
from functools import lru_cache

Rdn = frozenset[tuple[str, str]]


def lies_below(dn: str, bases: Collection[str]) -> bool:
    """Tell whether a DN lies below one of the bases, compared part by part and ignoring case."""
    try:
        parts = parse_dn(dn)
        return any(len(parts) > len(base) and parts[-len(base) :] == base for base in map(parse_dn, bases))
    except ValueError:
        return False


def domain_of(dn: str) -> tuple[Rdn, ...]:
    """Return the domain of an object: the DC parts at the end of its DN (RFC 2247 3).

    A suffix is not enough: DC=eu,DC=corp,DC=example is a different domain from DC=corp,DC=example.

    Raises:
        ValueError: the text is not a DN.
    """
    parts = parse_dn(dn)
    count = next((at for at, rdn in enumerate(reversed(parts)) if {kind for kind, _ in rdn} != {"dc"}), None)
    return parts if count is None else parts[len(parts) - count :]


@lru_cache(maxsize=4096)
def parse_dn(text: str) -> tuple[Rdn, ...]:
    """Return the parts of a DN, lower-cased and unescaped, the deepest first.

    Raises:
        ValueError: the text is not a DN.

    Source: RFC 4514 §2 and §3; hexadecimal (#…) and quoted values are refused, as AD never returns them.
    """
    return tuple(frozenset(_parse_pair(pair, text) for pair in _split(rdn, "+")) for rdn in _split(text, ","))


def _split(text: str, separator: str) -> list[str]:
    """Split at separators without a backslash before them."""
    parts, start, at = [], 0, 0
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == separator:
            parts.append(text[start:at])
            start = at + 1
        at += 1
    return [*parts, text[start:]]


def _parse_pair(pair: str, dn: str) -> tuple[str, str]:
    kind, equals, raw = pair.partition("=")
    kind = kind.strip().lower()
    raw = raw.lstrip(" ")
    if not equals or not re.fullmatch(r"[a-z][a-z0-9-]*|\d+(\.\d+)*", kind, re.ASCII):
        raise ValueError(f'"{dn}" is not a DN')
    if not raw.strip(" ") or raw[0] in '#"':
        raise ValueError(f'"{dn}" is not a DN that can be compared')
    return kind, _unescape(raw, dn).lower()


def _unescape(raw: str, dn: str) -> str:
    out, at, kept = bytearray(), 0, 0
    while at < len(raw):
        if raw[at] != "\\":
            out += raw[at].encode()
            kept = kept if raw[at] == " " else len(out)
            at += 1
        elif re.fullmatch(r"[0-9a-fA-F]{2}", raw[at + 1 : at + 3]):
            out.append(int(raw[at + 1 : at + 3], 16))
            at, kept = at + 3, len(out)
        elif raw[at + 1 : at + 2] in tuple(' "#+,;<=>\\'):
            out += raw[at + 1].encode()
            at, kept = at + 2, len(out)
        else:
            raise ValueError(f'"{dn}" has a backslash that escapes nothing')
    return bytes(out[:kept]).decode()  # UnicodeDecodeError is a ValueError
