"""The tables of weekly counts by team and by rule agree with the output of `burndown`."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from headway.urls import campaign_data, campaign_page
from tests.support.showcase import TODAY
from tests.support.workspaces import headway

CAMPAIGN = "remove-six"
COUNTS = ("open", "exempt", "fixed_total", "new", "regressed", "fixed", "exempted", "lapsed")


def rows(site: Path, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(
        (site / campaign_data(CAMPAIGN, table, "json")).read_bytes()
    )
    return found


def sums(entries: list[dict[str, Any]]) -> Counter[tuple[str, str]]:
    """Return the sum of each column over all rows of each date, by date and column."""
    found: Counter[tuple[str, str]] = Counter()
    for entry in entries:
        found.update({(entry["date"], name): entry[name] for name in COUNTS})
    return found


@pytest.fixture(scope="module")
def weeks(showcased: Path) -> list[dict[str, Any]]:
    """Return the output of `headway burndown` for all teams and rules together."""
    options = ("--today", TODAY.isoformat(), "burndown", CAMPAIGN, "--format", "json")
    found: list[dict[str, Any]] = json.loads(headway(showcased, *options).stdout)
    return found


@pytest.mark.parametrize("table", ["weeks-by-team", "weeks-by-rule"])
def test_the_parts_add_up_to_the_output_of_the_command(
    site: Path, weeks: list[dict[str, Any]], table: str
) -> None:
    assert sums(rows(site, table)) == sums(weeks)


def test_the_rows_of_a_team_match_the_output_of_the_command(site: Path, showcased: Path) -> None:
    own = [row for row in rows(site, "weeks-by-team") if row["team"] == "payments"]
    options = ("--today", TODAY.isoformat(), "burndown", CAMPAIGN, "--team", "payments")
    assert own
    assert own == json.loads(headway(showcased, *options, "--format", "json").stdout)
    # No item changes owners in this history, so both kinds of owners give the same rows.
    then = headway(showcased, *options, "--owners", "historical", "--format", "json").stdout
    assert own == json.loads(then)
    assert rows(site, "weeks-by-team-then") == []


def test_rows_are_sorted_by_week_with_every_team_or_rule(site: Path) -> None:
    for table, part in (("weeks-by-team", "team"), ("weeks-by-rule", "rule")):
        found = [(row["date"], row[part]) for row in rows(site, table)]
        dates, names = (sorted({pair[place] for pair in found}) for place in (0, 1))
        assert len(names) > 1
        assert found == [(day, name) for day in dates for name in names]


def test_csv_has_the_same_values(site: Path) -> None:
    text = (site / campaign_data(CAMPAIGN, "weeks-by-rule", "csv")).read_text("utf-8")
    read = list(csv.DictReader(io.StringIO(text)))
    assert [(row["date"], row["rule"], int(row["open"])) for row in read] == [
        (row["date"], row["rule"], row["open"]) for row in rows(site, "weeks-by-rule")
    ]


def test_rules_have_the_columns_that_apply_to_them(site: Path) -> None:
    of_team = set(rows(site, "weeks-by-team")[0])
    of_rule = set(rows(site, "weeks-by-rule")[0])
    assert of_rule - of_team == {"rule"}
    assert of_team - of_rule == {"team", "received", "handed_over"}


def test_pages_and_index_json_link_to_them(site: Path) -> None:
    described = json.loads((site / "index.json").read_bytes())
    (data,) = (entry["data"] for entry in described["campaigns"] if entry["id"] == CAMPAIGN)
    page = (site / campaign_page(CAMPAIGN)).read_text("utf-8")
    for table in ("weeks-by-team", "weeks-by-team-then", "weeks-by-rule", "captures", "marks"):
        assert (site / data[table]).is_file()
        assert f">{table} (CSV)</a>" in page
