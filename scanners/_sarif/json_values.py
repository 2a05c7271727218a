"""Access to untrusted JSON: values of the expected type, or an error that names the location."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn, TypeVar

LARGEST_NUMBER = 2**31 - 1
_T = TypeVar("_T")


class ReportError(ValueError):
    """The output of a tool is invalid, or reports that the tool failed."""


def parse(text: str | bytes) -> Any:
    """Parse JSON.

    Raises:
        ReportError: The input is not valid JSON.
    """
    try:
        return json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        raise ReportError(f"line {error.lineno} is not valid JSON: {error.msg}") from error
    except RecursionError as error:
        raise ReportError("the JSON is nested too deeply") from error
    except ValueError as error:
        raise ReportError(f"the JSON is not valid: {error}") from error


def _refuse(constant: str) -> NoReturn:
    raise ReportError(f"`{constant}` is not valid JSON")


def mapping(value: object, place: str) -> Mapping[str, Any]:
    """Return a JSON object, or an empty mapping for None.

    Raises:
        ReportError: The value is neither.
    """
    return _of_type(value, dict, "an object", place) or {}


def entries(value: object, place: str) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Yield the objects in a list with their locations. Yield nothing if the list is absent."""
    for position, entry in enumerate(_of_type(value, list, "a list", place) or ()):
        yield mapping(entry, f"{place}[{position}]"), f"{place}[{position}]"


def text(value: object, place: str) -> str:
    """Return a string, or an empty string if the value is absent."""
    return _of_type(value, str, "a string", place) or ""


def position(value: object, place: str) -> int | None:
    """Return a 1-based line or column, or None if the value is absent."""
    if value is None:
        return None
    if type(value) is not int or not 1 <= value <= LARGEST_NUMBER:
        raise ReportError(f"`{place}` is not a whole number from 1 to {LARGEST_NUMBER:,}")
    return value


def index(value: object, place: str) -> int | None:
    """Return an index into a list. Return None if the value is absent or -1."""
    if value is None or value == -1:
        return None
    if type(value) is not int or value < 0:
        raise ReportError(f"`{place}` is not a valid index (a whole number, -1 or more)")
    return value


def _of_type(value: object, kind: type[_T], name: str, place: str) -> _T | None:
    if value is None:
        return None
    if type(value) is not kind:
        raise ReportError(f"`{place}` is not {name}")
    return value
