"""Convert frozen records to compact JSON text and back.

A record becomes a list of its field values. Decoding raises an error if the values do not fit the
record's types. Unlike unpickling, decoding cannot run code from an untrusted file.
"""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from operator import attrgetter
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from headway.metrics.serialize import field_names

_Decoder = Callable[[Sequence[Any]], Sequence[Any]]
_PLAIN = (str, int, float, bool, type(None))


def to_json(record: object) -> str:
    """Return the JSON text of a record, or of a tuple or mapping of records."""
    return _encode(record)


def from_json(kind: Any, text: str) -> Any:
    """Decode JSON text from `to_json`.

    Args:
        kind: The type of the value: a record type, or a tuple or mapping of records.

    Raises:
        ValueError: The input is not JSON, or does not fit the types of the fields.
    """
    try:
        (value,) = _decoder(kind)([json.loads(text)])
    except (TypeError, AttributeError, LookupError, RecursionError) as error:
        raise ValueError(f"not a {kind}: {error}") from error
    return value


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    kind: Any = type(value)
    values_of = _getter(kind)
    if values_of is not None:
        return values_of(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


@cache
def _getter(record: Any) -> Callable[[Any], object] | None:
    """Return a function that returns a record's field values, or None for other classes."""
    names = field_names(record) or ()
    if len(names) == 1:
        return lambda value: (getattr(value, names[0]),)
    return attrgetter(*names) if names else None


# Records never contain themselves, so a check for cycles is unnecessary.
_encode = json.JSONEncoder(
    default=_plain, ensure_ascii=False, separators=(",", ":"), check_circular=False
).encode


@cache
def _decoder(hint: Any) -> _Decoder:
    """Return a function that converts a list of plain JSON values to values of one type."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return _plain_decoder({type(argument) for argument in arguments})
    if hint in _PLAIN:
        # A field of type float can have an int as its value.
        return _plain_decoder({float, int} if hint is float else {hint})
    if hint in (date, datetime):
        return lambda values: list(map(hint.fromisoformat, values))
    if origin in (Union, types.UnionType):
        return _optional_decoder(arguments)
    if origin is tuple and arguments[-1] is Ellipsis:
        decode = _decoder(arguments[0])
        return lambda values: [tuple(decode(_list(value))) for value in values]
    if origin is not None and issubclass(origin, Mapping):
        decode = _decoder(arguments[1])
        return lambda values: [
            dict(zip(value, decode(list(value.values())), strict=True)) for value in values
        ]
    if isinstance(hint, type) and field_names(hint) is not None:
        return _record_decoder(hint)
    raise TypeError(f"{hint} has no JSON form")


def _plain_decoder(kinds: set[type]) -> _Decoder:
    def decode(values: Sequence[Any]) -> Sequence[Any]:
        found = set(map(type, values))
        if not found <= kinds:
            raise TypeError(f"expected {kinds}, found {found}")
        return values

    return decode


def _optional_decoder(arguments: Sequence[Any]) -> _Decoder:
    (argument,) = (kind for kind in arguments if kind is not type(None))
    decode = _decoder(argument)

    def decode_all(values: Sequence[Any]) -> Sequence[Any]:
        present = iter(decode([value for value in values if value is not None]))
        return [None if value is None else next(present) for value in values]

    return decode_all


def _record_decoder(record: Any) -> _Decoder:
    hints, names = get_type_hints(record), field_names(record) or ()
    decoders = [_decoder(hints[name]) for name in names]

    def decode(values: Sequence[Any]) -> Sequence[Any]:
        if not values:
            return ()
        # Decoding by column is faster, because most columns need only a type check.
        columns = zip(*map(_list, values), strict=True)
        decoded = [decode(column) for decode, column in zip(decoders, columns, strict=True)]
        rows = zip(*decoded, strict=True)
        if issubclass(record, tuple):
            return list(map(record._make, rows))
        return [record(**dict(zip(names, row, strict=True))) for row in rows]

    return decode


def _list(values: Any) -> list[Any]:
    if type(values) is not list:
        raise TypeError(f"{values!r} is not a list")
    return values
