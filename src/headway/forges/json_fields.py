"""Checked access to the fields of a forge's JSON responses, which are untrusted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeGuard, get_args

from headway.forges.forge_errors import ForgeTrouble
from headway.model.repository import Visibility

_LARGEST_SIZE = 1 << 60
_COMMIT_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")


class UnexpectedResponse(ForgeTrouble):
    """A value in a response is missing or has the wrong type."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the forge's response has no usable {name!r}")


def mapping(value: object, name: str) -> Mapping[str, object]:
    """Return `value` if it is a JSON object. Otherwise, raise `UnexpectedResponse`."""
    if not isinstance(value, dict):
        raise UnexpectedResponse(name)
    return value


def sequence(value: object, name: str) -> Sequence[object]:
    """Return `value` if it is a JSON list. Otherwise, raise `UnexpectedResponse`."""
    if not isinstance(value, list):
        raise UnexpectedResponse(name)
    return value


def text(holder: Mapping[str, object], name: str) -> str:
    """Return the field if it is a non-empty string. Otherwise, raise `UnexpectedResponse`."""
    value = holder.get(name)
    if not isinstance(value, str) or not value:
        raise UnexpectedResponse(name)
    return value


def text_or_none(holder: Mapping[str, object], name: str) -> str | None:
    """Return the field if it is a non-empty string. Otherwise, return None."""
    value = holder.get(name)
    return value if isinstance(value, str) and value else None


def number(holder: Mapping[str, object], name: str) -> int:
    """Return the field if it is a non-negative integer. Otherwise, raise `UnexpectedResponse`."""
    value = holder.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise UnexpectedResponse(name)
    return value


def number_or_none(holder: Mapping[str, object], name: str) -> int | None:
    """Return the field if it is a non-negative integer. Otherwise, return None."""
    value = holder.get(name)
    usable = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return value if usable and isinstance(value, int) else None


def is_number(value: object) -> TypeGuard[int | float]:
    """Return whether `value` is a JSON number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def flag(holder: Mapping[str, object], name: str) -> bool:
    """Return whether the field is `true`. A missing field and `null` count as `false`.

    Raises `UnexpectedResponse` if the field has any other value.
    """
    value = holder.get(name)
    if value is not None and not isinstance(value, bool):
        raise UnexpectedResponse(name)
    return value is True


def size_or_none(value: object, unit: int = 1) -> int | None:
    """Return a size in bytes, or None if the value is not a plausible number.

    Args:
        value: The size as reported by a forge. GitLab reports floating-point numbers.
        unit: The number of bytes per unit of `value`.
    """
    if not is_number(value) or not 0 <= value * unit <= _LARGEST_SIZE:
        return None
    return int(value * unit)


def commit_id_or_none(value: object) -> str | None:
    """Return `value` if it is a commit ID. Otherwise, return None."""
    return value if isinstance(value, str) and _COMMIT_ID.match(value) else None


def visibility(stated: str | None) -> Visibility:
    """Return the visibility in lower case, or `unknown` if it is None or not a known visibility."""
    for known in get_args(Visibility):
        if stated is not None and stated.lower() == known:
            return known  # type: ignore[no-any-return]  # get_args is not typed
    return "unknown"


def inside(holder: object, *names: str) -> object:
    """Return the value at these nested keys, or None if a key is missing."""
    value = holder
    for name in names:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def words(values: object, name: str, *inner: str) -> tuple[str, ...]:
    """Return the strings in a list, in lower case and sorted.

    Args:
        values: The list.
        name: The name of the list, for the error message.
        *inner: If given, the list contains objects, and these keys lead to the string in each
            object.

    Raises:
        UnexpectedResponse: The value is not a list, or contains other entries. Such an entry is not
            ignored, because a repository could then seem to lack a language.
    """
    found = [inside(value, *inner) if inner else value for value in sequence(values, name)]
    named = {word.lower() for word in found if isinstance(word, str) and word}
    if not all(isinstance(word, str) and word for word in found):
        raise UnexpectedResponse(name)
    return tuple(sorted(named))
