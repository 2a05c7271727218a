"""Records as text: JSON and CSV for programs, shares for people."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from typing import Any


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
    values = asdict(row) if is_dataclass(row) and not isinstance(row, type) else dict(row)
    return {name: _json_value(value) for name, value in values.items()}


def _json_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: _json_value(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_json_value(each) for each in value]
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    return str(value)


def json_text(rows: Sequence[Any]) -> str:
    """A list with one object for each record."""
    return json.dumps([plain(row) for row in rows], indent=2, ensure_ascii=False) + "\n"


def csv_text(rows: Sequence[Any], names: Sequence[str]) -> str:
    """One line for each record below a line of field names; `names` are those of no record."""
    listed = [plain(row) for row in rows]
    shown = list(listed[0]) if listed else list(names)
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(shown)
    for row in listed:
        writer.writerow([_cell(row[name]) for name in shown])
    return buffer.getvalue()


def _cell(value: Any) -> str:
    """What no spreadsheet takes for a formula."""
    if value is None:
        return ""
    if isinstance(value, bool | int | float):
        return str(value)
    shown = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
    return f"'{shown}" if shown.startswith(("=", "+", "-", "@", "\t", "\r")) else shown
