"""Write records as JSON and CSV, and shares as percentages."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from typing import Any

_SPECIAL = '",\r\n'
"""The characters that a CSV cell can contain only in quotes."""
_JSON_SCALARS = frozenset((str, int, float, bool, type(None)))


def percent(value: float | None) -> str:
    """Format a share as a whole percentage, such as `64%`.

    Only a share of exactly 0 or 1 becomes `0%` or `100%`.

    Args:
        value: The share, from 0 to 1, or None if it is unknown.
    """
    if value is None:
        return "–"
    rounded = round(value * 100)
    if rounded == 100 and value < 1:
        rounded = 99
    if rounded == 0 and value > 0:
        rounded = 1
    return f"{rounded}%"


def plain(row: Any) -> dict[str, Any]:
    """Convert a record or mapping to a dictionary of JSON values, by column name."""
    columns = public_columns(type(row))
    if columns is None:
        return {name: json_value(value) for name, value in dict(row).items()}
    return {column: json_value(getattr(row, name)) for column, name in columns.items()}


def field_names(record: type) -> tuple[str, ...] | None:
    """Return the fields of a record class, inherited fields last, or None for any other class."""
    columns = public_columns(record)
    return None if columns is None else tuple(dict.fromkeys(columns.values()))


_columns: dict[type, Mapping[str, str] | None] = {}


def public_columns(record: type) -> Mapping[str, str] | None:
    """Map the columns of JSON and CSV output to the fields of a record class.

    Every field has a column with the same name. A renamed field has its old name as `alias` in its
    metadata. For one version of Headway, the old name is an additional column after all other
    columns.

    Returns:
        The columns, or None if the class is not a record class.
    """
    if record not in _columns:
        _columns[record] = _public_columns(record)
    return _columns[record]


def _public_columns(record: type) -> Mapping[str, str] | None:
    if is_dataclass(record):
        own = vars(record)["__annotations__"]
        found = sorted(fields(record), key=lambda field: field.name not in own)
        aliases = {
            str(field.metadata["alias"]): field.name
            for field in found
            if field.metadata.get("alias")
        }
        return {field.name: field.name for field in found} | aliases
    names: tuple[str, ...] | None = getattr(record, "_fields", None)
    return {name: name for name in names} if names and issubclass(record, tuple) else None


def json_value(value: Any) -> Any:
    """Convert a field's value to a JSON value. Times are in UTC and end with Z."""
    # Check for scalars first, because they are the most frequent among possibly millions of values.
    if type(value) in _JSON_SCALARS:
        return value
    if isinstance(value, datetime):
        return f"{value.isoformat(timespec='seconds')[:19]}Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: json_value(nested) for key, nested in value.items()}
    if public_columns(type(value)) is not None:
        return plain(value)
    if isinstance(value, list | tuple):
        return [json_value(nested) for nested in value]
    return value if isinstance(value, str | int | float) else str(value)


def json_text(rows: Sequence[Any]) -> str:
    """Write records as a JSON list with one object per record."""
    return json.dumps([plain(row) for row in rows], indent=2, ensure_ascii=False) + "\n"


def csv_text(rows: Sequence[Any], names: Sequence[str]) -> str:
    """Write records as a CSV table with a header and one line per record.

    Args:
        rows: The records.
        names: The columns to write if `rows` is empty.
    """
    listed = [plain(row) for row in rows]
    shown = list(listed[0]) if listed else list(names)
    empty = '""'
    lines = [shown, *([cell(row[name]) for name in shown] for row in listed)]
    # Programs that read CSV skip empty lines, so a row with a single empty cell must be `""`.
    return "".join(f"{','.join(quoted(line)) or empty}\n" for line in lines)


def quoted(cells: Sequence[str]) -> Sequence[str]:
    """Quote the cells of a CSV row where necessary.

    The `csv` module of Python 3.11 does not quote a lone carriage return, which other programs
    interpret as the end of a row.
    """
    # Searching for single characters is much faster than a regular expression.
    together = "".join(cells)
    present = [char for char in _SPECIAL if char in together]
    if not present:
        return cells
    if present == [","]:
        return [f'"{cell}"' if "," in cell else cell for cell in cells]
    return [
        '"' + cell.replace('"', '""') + '"' if any(char in cell for char in present) else cell
        for cell in cells
    ]


def cell(value: Any) -> str:
    """Convert a result of `plain` to a CSV cell that no spreadsheet evaluates as a formula."""
    if value is None:
        return ""
    if isinstance(value, int | float):
        return str(value)
    shown = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
    return f"'{shown}" if shown.startswith(("=", "+", "-", "@", "\t", "\r")) else shown
