"""A campaign is not done if it never matched anything, or if all its items are exempt."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.support.git import Repo
from tests.support.workspaces import headway, rows, scan, workspace

CAMPAIGN = """title: Remove six
starts: 2026-01-05
due: 2026-06-30
deprecated:
  - {{id: one, scanner: regex, pattern: '{pattern}', paths: ['*.py']}}
milestones:
  - {{name: Tier 1, due: 2026-03-31, repositories: [{repositories}]}}
exemptions: {exemptions}
"""


def made(
    folder: Path, pattern: str = "^import six", repositories: str = "app", exemptions: str = "[]"
) -> Path:
    text = CAMPAIGN.format(pattern=pattern, repositories=repositories, exemptions=exemptions)
    workspace(folder, six=text)
    Repo(folder / "clones" / "app").commit("2026-01-01", {"a.py": "import six\n"})
    Repo(folder / "clones" / "web").commit("2026-01-01", {"a.py": "pass\n"})
    return folder


@pytest.mark.parametrize("by", [(), ("--by", "milestone")])
def test_a_campaign_that_never_matched_anything_is_not_done(
    tmp_path: Path, by: tuple[str, ...]
) -> None:
    folder = made(tmp_path, pattern="no such thing")
    scan(folder, date.fromisoformat("2026-02-01"))
    (row,) = rows(folder, "status", *by, "--today", "2026-02-01")
    assert (row["state"], row["health"], row["completion"]) == ("no matches", "no matches", None)
    assert row["reason"] is None


def test_a_campaign_before_its_first_day_has_no_matches(tmp_path: Path) -> None:
    folder = made(tmp_path)
    scan(folder, date.fromisoformat("2026-02-01"))
    (row,) = rows(folder, "status", "--today", "2026-01-04")
    assert (row["state"], row["health"]) == ("no matches", "no matches")
    assert (row["open"], row["completion"]) == (0, None)
    assert row["reason"] == "the campaign starts on 2026-01-05"


def test_a_scan_before_the_first_day_records_nothing_as_done(tmp_path: Path) -> None:
    folder = made(tmp_path)
    scan(folder, date.fromisoformat("2026-01-03"))
    (row,) = rows(folder, "status", "--today", "2026-01-03")
    assert (row["state"], row["completion"]) == ("no matches", None)
    scan(folder, date.fromisoformat("2026-02-01"))
    (row,) = rows(folder, "status", "--today", "2026-02-01")
    assert (row["state"], row["open"]) == ("open", 1)


def test_a_milestone_without_repositories_is_unknown_and_says_why(tmp_path: Path) -> None:
    folder = made(tmp_path, repositories="nobody")
    scan(folder, date.fromisoformat("2026-02-01"))
    (row,) = rows(folder, "status", "--by", "milestone", "--today", "2026-02-01")
    assert (row["state"], row["completion"]) == ("unknown", None)
    assert row["reason"] == "no repository in scope matches the milestone"
    assert row["health"] != "done"


def test_a_milestone_of_unaffected_repositories_is_not_done(tmp_path: Path) -> None:
    folder = made(tmp_path, repositories="web")
    scan(folder, date.fromisoformat("2026-02-01"))
    (row,) = rows(folder, "status", "--by", "milestone", "--today", "2026-02-01")
    assert (row["state"], row["health"]) == ("no matches", "no matches")


def test_a_campaign_with_only_exempt_items_is_not_done(tmp_path: Path) -> None:
    folder = made(tmp_path, exemptions="[{reason: Later, until: 2026-12-31}]")
    scan(folder, date.fromisoformat("2026-02-01"))
    (row,) = rows(folder, "status", "--today", "2026-02-01")
    assert (row["state"], row["health"], row["completion"]) == ("exempt", "exempt", None)


def test_the_site_and_the_digest_do_not_call_a_campaign_without_matches_done(
    tmp_path: Path,
) -> None:
    folder = made(tmp_path, pattern="no such thing")
    scan(folder, date.fromisoformat("2026-02-01"))
    headway(folder, "report", "--today", "2026-02-01")
    page = (folder / "site" / "campaigns" / "six" / "index.html").read_text("utf-8")
    assert "No rule has ever matched anything." in page
    digest = headway(folder, "digest", "--today", "2026-02-01").stdout
    assert "no matches" in digest
    assert "done" not in digest


def test_a_campaign_with_fixed_items_in_repositories_that_it_no_longer_affects_is_done(
    tmp_path: Path,
) -> None:
    campaign = CAMPAIGN.format(pattern="^import six", repositories="app", exemptions="[]")
    workspace(tmp_path, six=f"{campaign}applies_to:\n  - {{id: any, scanner: file, paths: [go]}}\n")
    app = Repo(tmp_path / "clones" / "app")
    app.commit("2026-01-01", {"go": "", "a.py": "import six\n", "b.py": "import six\n"})
    app.commit("2026-01-10", {"a.py": ""})
    app.commit("2026-01-20", {"go": None})
    Repo(tmp_path / "clones" / "web").commit("2026-01-01", {"a.py": "pass\n"})
    scan(tmp_path, date.fromisoformat("2026-02-01"))
    (row,) = rows(tmp_path, "status", "--today", "2026-02-01")
    assert (row["repositories"], row["affected"], row["fixed"], row["open"]) == (2, 0, 1, 0)
    assert (row["state"], row["health"], row["completion"]) == ("done", "done", 1)
    (row,) = rows(tmp_path, "status", "--today", "2026-01-15")
    assert (row["state"], row["affected"], row["open"]) == ("open", 1, 1)
