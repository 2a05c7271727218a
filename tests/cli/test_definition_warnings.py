"""Commands, pages and the digest report moved due dates and changed definitions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.git import Repo
from tests.support.workspaces import SIX, headway, rows, workspace

RULES = rf"""title: Remove six
starts: 2020-01-06
deprecated:
  - id: import-six
    scanner: regex
    pattern: '{SIX}'
"""
TODAY = ("--today", "2020-03-16")
WARNING = "warning: remove-six: The definition has changed since the last scan ({}); run `headway "


def define(folder: Path, due: str, milestone: str) -> None:
    text = f"due: {due}\nmilestones: [{{name: Tier 1, due: {milestone}, repositories: [app]}}]\n"
    (folder / "campaigns" / "remove-six.yaml").write_text(RULES + text)


@pytest.fixture(scope="module")
def slipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with a campaign whose due date has slipped twice.

    The due date of a milestone has moved to an earlier day.
    """
    folder = workspace(tmp_path_factory.mktemp("slipped"))
    Repo(folder / "clones" / "app").commit("2020-02-10", {"a.py": "import six\n"})
    for today, due, milestone in (
        ("2020-03-02", "2020-06-30", "2020-05-31"),
        ("2020-03-09", "2020-09-30", "2020-05-31"),
        ("2020-03-16", "2021-06-30", "2020-04-30"),
    ):
        define(folder, due, milestone)
        headway(folder, "--today", today, "scan", "--jobs", "1")
    return folder


def test_status_counts_the_slips_of_campaigns_and_milestones(slipped: Path) -> None:
    (row,) = rows(slipped, *TODAY, "status")
    assert (row["due_moves"], row["due_slips"], row["due_slip_days"]) == (2, 2, 365)
    (row,) = rows(slipped, "--today", "2020-03-09", "status")
    assert (row["due_moves"], row["due_slips"], row["due_slip_days"]) == (1, 1, 92)
    (row,) = rows(slipped, *TODAY, "status", "--by", "milestone")
    assert (row["due_moves"], row["due_slips"], row["due_slip_days"]) == (1, 0, -31)


def test_status_and_forecast_say_how_far_the_due_date_has_slipped(slipped: Path) -> None:
    text = "moved 2 times, 12 months later than first set"
    assert f"remove-six: due date {text}" in headway(slipped, *TODAY, "status").stderr
    assert text in headway(slipped, *TODAY, "forecast", "remove-six").stdout
    by_milestone = headway(slipped, *TODAY, "forecast", "remove-six", "--by", "milestone")
    assert "Tier 1: due date moved once, 4 weeks earlier than first set" in by_milestone.stderr
    (row,) = rows(slipped, *TODAY, "forecast", "remove-six")
    assert (row["due_slips"], row["due_slip_days"]) == (2, 365)


def test_pages_and_the_digest_report_the_slips(slipped: Path, tmp_path: Path) -> None:
    headway(slipped, *TODAY, "report", "--out", str(tmp_path / "site"))
    page = (tmp_path / "site" / "campaigns" / "remove-six" / "index.html").read_text("utf-8")
    assert "Due date moved 2 times, 12 months later than first set" in page
    assert "due date moved from 30 Sep 2020 to 30 Jun 2021" in page
    assert "moved later 2 times" in (tmp_path / "site" / "index.html").read_text("utf-8")
    feed = (tmp_path / "site" / "feeds" / "remove-six.atom").read_text("utf-8")
    assert "due date of milestone Tier 1 moved from 31 May 2020 to 30 Apr 2020" in feed
    digest = " ".join(headway(slipped, *TODAY, "digest", "remove-six").stdout.split())
    assert "moved 2 times, 12 months later than first set" in digest
    assert "due date moved from 30 Sep 2020 to 30 Jun 2021" in digest


def test_a_definition_that_changed_since_the_last_scan_is_reported_everywhere(
    slipped: Path, tmp_path: Path
) -> None:
    file = slipped / "campaigns" / "remove-six.yaml"
    scanned = file.read_text("utf-8")
    try:
        file.write_text(scanned.replace("Remove six", "Six must go"))
        assert "has changed" not in headway(slipped, *TODAY, "status").stderr
        define(slipped, "2021-12-31", "2020-04-30")
        warning = WARNING.format("due")
        for command in ("status", "items", "forecast remove-six", "burndown remove-six"):
            result = headway(slipped, *TODAY, *command.split(), "--format", "json")
            assert warning in result.stderr, command
        (row,) = rows(slipped, *TODAY, "status")
        assert (row["due_slips"], row["definition_changed"]) == (2, ["due"])
        headway(slipped, *TODAY, "report", "--out", str(tmp_path / "site"))
        page = (tmp_path / "site" / "campaigns" / "remove-six" / "index.html").read_text("utf-8")
        assert "The definition has changed since the last scan (due)" in page
        index = (tmp_path / "site" / "index.html").read_text("utf-8")
        assert "definition changed since the last scan" in index
        digest = " ".join(headway(slipped, *TODAY, "digest", "remove-six").stdout.split())
        assert "The definition has changed since the last scan (due)" in digest
    finally:
        file.write_text(scanned)
