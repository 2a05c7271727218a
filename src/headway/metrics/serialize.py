"""Records as text: JSON and CSV for programs, shares for people."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from typing import Any

_SPECIAL = re.compile(r'[",\r\n]')
_AS_IT_IS = frozenset((str, int, float, bool, type(None)))


def percent(value: float | None) -> str:
    """A share as a whole percentage; 100 % only when it is all, 0 % only when it is nothing."""
    if value is None:
        return "–"
    rounded = round(value * 100)
    if rounded == 100 and value < 1:
        rounded = 99
    if rounded == 0 and value > 0:
        rounded = 1
    return f"{rounded} %"


def plain(row: Any) -> dict[str, Any]:
    """A record, or a mapping, as JSON values by field name; times are UTC with a Z."""
    names = field_names(type(row))
    if names is None:
        return {name: json_value(value) for name, value in dict(row).items()}
    return {name: json_value(getattr(row, name)) for name in names}


_known_names: dict[type, tuple[str, ...] | None] = {}


def field_names(record: type) -> tuple[str, ...] | None:
    """Of the fields of a class of records, in their order; None for any other class."""
    if record not in _known_names:
        _known_names[record] = _field_names(record)
    return _known_names[record]


def _field_names(record: type) -> tuple[str, ...] | None:
    if is_dataclass(record):
        return tuple(each.name for each in fields(record))
    names: tuple[str, ...] | None = getattr(record, "_fields", None)
    return names if issubclass(record, tuple) else None


def json_value(value: Any) -> Any:
    """What a record has in a field, as JSON has it; times are UTC with a Z."""
    # most are such, and there may be millions
    if type(value) in _AS_IT_IS:
        return value
    if isinstance(value, datetime):
        return f"{value.isoformat(timespec='seconds')[:19]}Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: json_value(each) for key, each in value.items()}
    if field_names(type(value)) is not None:
        return plain(value)
    if isinstance(value, list | tuple):
        return [json_value(each) for each in value]
    return value if isinstance(value, str | int | float) else str(value)


def json_text(rows: Sequence[Any]) -> str:
    """A list with one object for each record."""
    return json.dumps([plain(row) for row in rows], indent=2, ensure_ascii=False) + "\n"


def csv_text(rows: Sequence[Any], names: Sequence[str]) -> str:
    """One line for each record below a line of field names; `names` are those of no record."""
    listed = [plain(row) for row in rows]
    shown = list(listed[0]) if listed else list(names)
    empty = '""'
    lines = [shown, *([cell(row[name]) for name in shown] for row in listed)]
    # a line with nothing in it would be no row
    return "".join(f"{','.join(quoted(line)) or empty}\n" for line in lines)


def quoted(cells: Sequence[str]) -> Sequence[str]:
    """Cells as CSV has them: between quotation marks where they must be.

    The `csv` module of Python 3.11 leaves a lone carriage return bare, and readers then see the
    end of a row.
    """
    if not _SPECIAL.search("".join(cells)):
        return cells
    return [
        '"' + cell.replace('"', '""') + '"' if _SPECIAL.search(cell) else cell for cell in cells
    ]


def cell(value: Any) -> str:
    """What `plain` gives as a cell that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    if isinstance(value, bool | int | float):
        return str(value)
    shown = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
    return f"'{shown}" if shown.startswith(("=", "+", "-", "@", "\t", "\r")) else shown
