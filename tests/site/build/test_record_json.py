"""Records can be written as JSON and read back. JSON of any other form is rejected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as some

from headway.site.build.record_json import from_json, to_json


class Point(NamedTuple):
    day: date
    open: int


@dataclass(frozen=True)
class Record:
    """A record with one field for each kind of value that records of pages contain."""

    name: str
    health: Literal["done", "open"]
    share: float | None
    is_known: bool
    moment: datetime | None
    point: Point | None
    points: tuple[Point, ...]
    names: Mapping[str, tuple[str, ...]]


POINTS = some.builds(Point, some.dates(), some.integers())
RECORDS = some.builds(
    Record,
    some.text(),
    some.sampled_from(["done", "open"]),
    some.none() | some.floats(allow_nan=False, allow_infinity=False),
    some.booleans(),
    some.none() | some.datetimes(timezones=some.just(UTC)),
    some.none() | POINTS,
    some.lists(POINTS).map(tuple),
    some.dictionaries(some.text(), some.lists(some.text()).map(tuple)),
)


@given(RECORDS)
def test_a_record_is_the_same_after_a_round_trip(record: Record) -> None:
    assert from_json(Record, to_json(record)) == record


@given(some.lists(RECORDS).map(tuple))
def test_many_records_are_the_same_after_a_round_trip(records: tuple[Record, ...]) -> None:
    assert from_json(tuple[Record, ...], to_json(records)) == records


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '["2026-01-01"]',
        '["2026-01-01", "3"]',
        '["2026-01-01", true]',
        '["2026-13-01", 3]',
        "[20260101, 3]",
        '{"day": "2026-01-01", "open": 3}',
        '["2026-01-01", 3, 4]',
        pytest.param("[" * 100_000, id="deep"),
    ],
)
def test_text_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        from_json(Point, text)
