"""Strict, deterministic CBOR for the frozen dataclasses of jobs.py and answers.py.

A dataclass becomes a map whose keys are the positions of its fields. Every field is always there, so each
value has exactly one encoding, and decoding accepts no other one (RFC 8949 §4.2).
"""

import types
from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import cbor2

from writeback.envelope.errors import EnvelopeError, Fault
from writeback.envelope.secret import Secret

T = TypeVar("T")

_DEPTH = 8
_INTEGERS = range(-(2**63), 2**63)


def to_plain(value: object) -> Any:
    """Turn a dataclass into plain CBOR types: maps with integer keys, lists, texts, bytes, integers.

    Args:
        value: a dataclass of this package, or a value of a type that its fields may have.
    """
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple):
        return [to_plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {
            number: to_plain(getattr(value, name)) for number, (name, _) in enumerate(_schema(type(value)))
        }
    return value


def from_plain(kind: Any, plain: object) -> Any:
    """Turn plain CBOR types back into exactly the given type.

    Args:
        kind: a dataclass, or the type of one of its fields.
        plain: what `loads` returned.

    Raises:
        EnvelopeError: MALFORMED for a value of another type (True is not 1), a missing field or an unknown
            one.
    """
    if get_origin(kind) in (Union, types.UnionType):
        return None if plain is None else from_plain(get_args(kind)[0], plain)
    if get_origin(kind) is tuple:
        return tuple(from_plain(get_args(kind)[0], item) for item in _require_type(list, plain))
    if is_dataclass(kind):
        return _dataclass(kind, plain)
    return _scalar(kind, plain)


def dumps(plain: Any) -> bytes:
    """Encode plain values deterministically.

    Raises:
        EnvelopeError: MALFORMED if a text holds a lone surrogate.
    """
    try:
        return cbor2.dumps(plain, canonical=True)
    except (cbor2.CBOREncodeError, UnicodeEncodeError):
        raise EnvelopeError(Fault.MALFORMED) from None


def loads(data: bytes) -> Any:
    """Decode bytes into plain values, whose types are not checked yet.

    Raises:
        EnvelopeError: MALFORMED for bytes that are not CBOR, are nested deeper than 8, have an indefinite
            length, or repeat a key.
    """
    try:
        return cbor2.loads(data, max_depth=_DEPTH, allow_indefinite=False, allow_duplicate_keys=False)
    except (cbor2.CBORDecodeError, ValueError, TypeError, OverflowError):
        raise EnvelopeError(Fault.MALFORMED) from None


def pack(*values: object) -> bytes:
    """Encode values as a map whose keys are their positions.

    Raises:
        EnvelopeError: MALFORMED if a text can't be written as UTF-8.
    """
    return dumps({place: to_plain(value) for place, value in enumerate(values)})


def unpack(data: bytes, count: int) -> list[Any]:
    """Return the plain values of a map that `pack` made; each still needs `from_plain`.

    Args:
        data: the encoded map.
        count: how many values it must have.

    Raises:
        EnvelopeError: MALFORMED if it is anything else.
    """
    plain = loads(data)
    given: dict[object, Any] = _require_type(dict, plain)
    _require_places(given, count)
    if dumps(plain) != data:
        raise EnvelopeError(Fault.MALFORMED)
    return [given[place] for place in range(count)]


def encode(value: object) -> bytes:
    """Encode a dataclass.

    Args:
        value: a frozen dataclass of this package, or a tuple of values that its fields may have.

    Raises:
        EnvelopeError: MALFORMED if a text can't be written as UTF-8.
    """
    return dumps(to_plain(value))


def decode(kind: type[T], data: bytes) -> T:
    """Decode a dataclass from its only valid encoding.

    Raises:
        EnvelopeError: MALFORMED for any other bytes: another order, another length of a number, trailing
            bytes, unknown or missing fields.
    """
    plain = loads(data)
    value: T = from_plain(kind, plain)
    if dumps(plain) != data:
        raise EnvelopeError(Fault.MALFORMED)
    return value


@cache
def _schema(kind: Any) -> tuple[tuple[str, Any], ...]:
    hints = get_type_hints(kind)
    return tuple((field.name, hints[field.name]) for field in fields(kind))


def _require_type(kind: type[T], plain: object) -> T:
    if type(plain) is not kind:
        raise EnvelopeError(Fault.MALFORMED)
    return plain


def _scalar(kind: Any, plain: object) -> object:
    if kind is Secret:
        return Secret(_require_type(str, plain))
    if issubclass(kind, StrEnum):
        try:
            return kind(_require_type(str, plain))
        except ValueError:
            raise EnvelopeError(Fault.MALFORMED) from None
    value = _require_type(kind, plain)
    if kind is int and value not in _INTEGERS:
        raise EnvelopeError(Fault.MALFORMED)
    return value


def _dataclass(kind: Any, plain: object) -> Any:
    given: dict[object, object] = _require_type(dict, plain)
    schema = _schema(kind)
    _require_places(given, len(schema))
    return kind(**{name: from_plain(hint, given[number]) for number, (name, hint) in enumerate(schema)})


def _require_places(given: dict[object, Any], count: int) -> None:
    if len(given) != count or any(type(key) is not int or key not in range(count) for key in given):
        raise EnvelopeError(Fault.MALFORMED)
