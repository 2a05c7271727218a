"""The types of the fields of records."""

from __future__ import annotations

import types
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from headway.metrics.serialize import field_names


@cache
def records_by_field(record: type) -> Mapping[str, frozenset[type]]:
    """Map each field of a record type to the record types that it contains."""
    return {
        name: frozenset(nested for nested in _types_in(hint) if field_names(nested) is not None)
        for name, hint in get_type_hints(record).items()
    }


def _types_in(hint: Any) -> list[type]:
    arguments = get_args(hint)
    if get_origin(hint) is Literal:
        return []
    if arguments:
        return [nested for argument in arguments for nested in _types_in(argument)]
    return [hint] if isinstance(hint, type) else []


def empty_value(record: type, name: str) -> Any:
    """Return an empty value for the type of a field.

    Raises:
        TypeError: The type has no empty value.
    """
    hint = get_type_hints(record)[name]
    origin = get_origin(hint) or hint
    if origin in (Union, types.UnionType) and type(None) in get_args(hint):
        return None
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {}
    if origin in (tuple, str, int, float, bool):
        return origin()
    message = f"{record.__name__}.{name} is in no policy of audience_policy.POLICIES"
    raise TypeError(message)
