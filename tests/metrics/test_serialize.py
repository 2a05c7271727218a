"""JSON and CSV output contains a renamed column under both names until the next version."""

from __future__ import annotations

import json
from datetime import date

from headway.metrics.attention.attention_records import Moves
from headway.metrics.records import BurndownPoint
from headway.metrics.serialize import csv_text, field_names, json_text, plain
from headway.model.movement import ALIASES, FLOW_SIGNS
from headway.site.weekly_tables import RuleWeek
from tests.support.statuses import week

DAY = date(2026, 1, 4)


def test_json_contains_both_the_new_and_the_older_names() -> None:
    (row,) = json.loads(json_text([week(DAY, scope_added=3, scope_removed=2)]))
    assert (row["scope_added"], row["scope_removed"]) == (3, 2)
    assert (row["entered"], row["left"]) == (3, 2)


def test_csv_contains_the_older_names_last() -> None:
    header, line = csv_text([week(DAY, scope_added=3, scope_removed=2)], []).splitlines()
    assert header.endswith(",received,handed_over,entered,left")
    assert line.endswith(",0,0,3,2")


def test_older_names_are_not_names_of_fields() -> None:
    for record in (BurndownPoint, RuleWeek, Moves):
        assert not set(ALIASES.values()) & set(field_names(record) or ())
        assert set(FLOW_SIGNS) <= set(field_names(record) or ())


def test_a_record_lists_its_own_fields_before_those_of_the_ledger() -> None:
    assert list(plain(week(DAY)))[:4] == ["campaign", "team", "date", "open"]
