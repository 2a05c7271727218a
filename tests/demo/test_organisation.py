"""The demo organisation depends only on the date and contains an example of each state."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from headway.config.teams_file import load_teams
from headway.demo.demo_workspace import write_workspace
from headway.demo.organisation import EARLIER, make_organisation
from headway.demo.teams import BACK_OFFICE, EMPTY, ORGANISATION, TEAMS, UNREADABLE
from tests.support.git import git
from tests.support.workspaces import headway, rows

TODAY = date(2026, 6, 15)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    earlier = TODAY - EARLIER
    make_organisation(folder, today=TODAY, until=earlier)
    write_workspace(folder, today=TODAY)
    headway(folder, "scan", "--jobs", "1", "--today", str(earlier))
    make_organisation(folder, today=TODAY, since=earlier)
    headway(folder, "scan", "--jobs", "1", "--today", str(TODAY), code=3)
    return folder


@pytest.fixture(scope="module")
def six(demo: Path) -> list[dict[str, Any]]:
    """Return the items of remove-six. An item that was opened twice has two rows."""
    found = rows(demo, "items", "remove-six", "--state", "all", "--today", str(TODAY))
    return [row for row in found if row["role"] == "deprecated"]


def tips(folder: Path) -> dict[str, str]:
    """Return the tip of each repository, by repository name."""
    found = {}
    for reference in sorted((folder / "clones").glob("*/*.git")):
        shown = git(reference, "for-each-ref", "--format=%(objectname)")
        found[reference.name] = shown.strip()
    return found


def test_the_same_day_gives_the_same_commits_at_once_or_in_two_parts(
    demo: Path, tmp_path: Path
) -> None:
    make_organisation(tmp_path / "again", today=TODAY)
    make_organisation(tmp_path / "later", today=date(2026, 6, 17))
    assert tips(tmp_path / "again") == tips(demo)
    assert tips(tmp_path / "later") != tips(demo)


def test_every_rule_of_the_campaigns_finds_something(demo: Path) -> None:
    assert "never matched" not in headway(demo, "validate").output


def test_history_has_forty_repositories_and_ends_before_today(demo: Path) -> None:
    repositories = sorted((demo / "clones" / ORGANISATION).glob("*.git"))
    assert len(repositories) == 42
    for repository in repositories:
        if repository.stem in (EMPTY, UNREADABLE):
            continue
        moments = [int(line) for line in git(repository, "log", "--format=%ct").split()]
        assert moments == sorted(moments, reverse=True)
        assert datetime.fromtimestamp(moments[0], UTC).date() < TODAY
    assert len(git(repositories[0], "log", "--format=%h").split()) > 30


def test_the_workspace_is_valid(demo: Path) -> None:
    assert headway(demo, "validate").stdout == "4 campaigns checked: no errors\n"


def test_one_repository_is_unknown_and_one_is_empty(demo: Path) -> None:
    states = rows(demo, "status", "remove-six", "--by", "repository", "--today", str(TODAY))
    (unknown,) = [row for row in states if row["state"] == "unknown"]
    assert unknown["repository"] == f"{ORGANISATION}/{UNREADABLE}"
    assert unknown["open"] > 0, "it was readable at the first scan, and keeps its items"
    assert f"{ORGANISATION}/{EMPTY}" not in [row["repository"] for row in states]


def test_one_repository_is_added_and_one_removed_and_neither_is_progress(demo: Path) -> None:
    weeks = rows(demo, "burndown", "remove-six", "--by", "week", "--today", str(TODAY))
    assert [row["scope_added"] > 0 for row in weeks].count(True) == 1
    assert [row["scope_removed"] > 0 for row in weeks].count(True) == 1
    states = rows(demo, "status", "remove-six", "--by", "repository", "--today", str(TODAY))
    assert [row["repository"] for row in states if row["state"] == "gone"] == ["acme/gift-cards"]


def test_one_campaign_is_done(demo: Path) -> None:
    (status,) = rows(demo, "status", "end-of-life-images", "--today", str(TODAY))
    assert (status["state"], status["open"], status["health"]) == ("done", 0, "done")


def test_one_repository_is_incomplete(demo: Path) -> None:
    states = rows(
        demo, "status", "travis-to-github-actions", "--by", "repository", "--today", str(TODAY)
    )
    assert {row["state"] for row in states} >= {"open", "done", "incomplete", "unknown"}


def test_moves_are_silent(demo: Path, six: list[dict[str, Any]]) -> None:
    moved = 0
    for repository in (demo / "clones" / ORGANISATION).glob("*.git"):
        if repository.stem in (EMPTY, UNREADABLE):
            continue
        log = git(repository, "log", "--format=%H", "--grep=^Move the package below src$")
        for commit in log.split():
            moved += 1
            assert not [
                row for row in six if commit in (row["opened_commit"], row["closed_commit"])
            ]
    assert moved > 3
    assert any(row["path"].startswith("src/") for row in six if row["state"] == "open")


def test_some_clean_ups_are_reverted(six: list[dict[str, Any]]) -> None:
    assert any(row["regressed"] and row["state"] == "open" for row in six)
    assert any(row["regressed"] and row["state"] == "fixed" for row in six)


def test_one_team_is_done_and_one_is_stalled(six: list[dict[str, Any]]) -> None:
    team_of = {f"{ORGANISATION}/{plan.name}": team.slug for team in TEAMS for plan in team.plans}
    still_open: dict[str, int] = defaultdict(int)
    last_fix: dict[str, str] = defaultdict(str)
    for row in six:
        team = team_of[row["repository"]]
        still_open[team] += row["state"] == "open"
        last_fix[team] = max(last_fix[team], row["closed_at"] or "")
    assert still_open["platform"] == 0
    quiet_since = datetime.fromisoformat(last_fix[BACK_OFFICE.slug]).date()
    assert still_open[BACK_OFFICE.slug] > 10
    assert (TODAY - quiet_since).days >= BACK_OFFICE.quiet


def test_teams_yaml_lists_all_teams(demo: Path) -> None:
    loaded = load_teams(demo)
    assert loaded.problems == ()
    assert [team.name for team in loaded.teams] == [team.slug for team in TEAMS]


def test_items_link_to_their_line(six: list[dict[str, Any]]) -> None:
    row = next(row for row in six if row["state"] == "open" and row["line"])
    assert row["url"].startswith(f"https://github.example.com/{row['repository']}/blob/")
    assert row["url"].endswith(f"#L{row['line']}")
