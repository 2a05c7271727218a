"""`headway catalog` lists, searches, shows, adds and suggests shipped campaigns."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from headway.config.catalogue import catalogue_folder, matches_words
from headway.metrics.suggestions import deadline_of
from headway.model.campaign import Campaign, Milestone, Rule
from tests.support.git import Repo
from tests.support.workspaces import CONFIG, headway, rows, workspace

NOW = ("--today", "2026-03-01")


@pytest.fixture
def clones(tmp_path: Path) -> Path:
    """Return a folder of clones in which two campaigns find something."""
    folder = tmp_path / "clones"
    Repo(folder / "shop").commit("2020-01-02", {"a.py": "import six\nimport six  # again\n"})
    Repo(folder / "bank").commit("2020-01-02", {"b.py": "from six import text_type\n"})
    Repo(folder / "site").commit("2020-01-02", {".travis.yml": "language: python\n"})
    return folder


@pytest.fixture
def folder(clones: Path) -> Path:
    """Return a workspace with one campaign from the catalogue."""
    folder = workspace(clones.parent)
    (folder / "headway.toml").write_text(CONFIG)
    return folder


def test_the_list_has_every_campaign_and_shows_which_were_added(folder: Path) -> None:
    listed = {row["campaign"]: row for row in rows(folder, "catalog", "list")}
    assert set(listed) == {file.stem for file in catalogue_folder().glob("*.yaml")}
    assert [name for name, row in listed.items() if row["added"]] == ["remove-six"]
    assert rows(folder, "catalog") == list(listed.values())
    before = headway(folder, "--format", "json", "catalog", "list").stdout
    assert json.loads(before) == list(listed.values())
    between = headway(folder, "catalog", "--format", "json", "list").stdout
    assert json.loads(between) == list(listed.values())


def test_search_finds_campaigns_with_all_words(folder: Path) -> None:
    found = [row["campaign"] for row in rows(folder, "catalog", "search", "SIX", "python")]
    assert "remove-six" in found
    assert "log4j-1" not in found
    nothing = headway(folder, "catalog", "search", "no-such-word")
    assert "no campaign contains these words" in nothing.stderr


def test_words_may_occur_in_rules() -> None:
    rule = Rule("urllib3", "deprecated", "dependency", {"package": "urllib3", "versions": "<2"})
    campaign = Campaign("one", "Upgrade", deprecated=(rule,))
    assert matches_words(campaign, ["URLLIB3", "upgrade"])
    assert not matches_words(campaign, ["urllib3", "requests"])


def test_show_prints_the_file(folder: Path) -> None:
    shown = headway(folder, "catalog", "show", "log4j-1").stdout
    assert shown == (catalogue_folder() / "log4j-1.yaml").read_text("utf-8")
    error = headway(folder, "catalog", "show", "log4jj", code=1).stderr
    assert "there is no campaign `log4jj` in the catalogue; did you mean `log4j-1`?" in error


def test_add_copies_a_campaign_and_says_where_it_came_from(folder: Path) -> None:
    result = headway(folder, *NOW, "catalog", "add", "log4j-1", "utcnow")
    copy = (folder / "campaigns" / "log4j-1.yaml").read_text("utf-8")
    first, _, rest = copy.partition("\n")
    assert first.startswith("# Copied from the catalogue of Headway ")
    assert first.endswith(": campaigns/log4j-1.yaml")
    shipped = (catalogue_folder() / "log4j-1.yaml").read_text("utf-8")
    assert rest.startswith(shipped)
    assert "\nstarts: " in rest.removeprefix(shipped)
    assert "try log4j-1" in result.stderr
    assert "scan log4j-1 utcnow" in result.stderr
    headway(folder, "validate")


def test_add_changes_nothing_if_a_file_exists(folder: Path) -> None:
    before = (folder / "campaigns" / "remove-six.yaml").read_text()
    result = headway(folder, "catalog", "add", "utcnow", "remove-six", code=1)
    assert "remove-six.yaml already exists, so nothing was changed" in result.stderr
    assert (folder / "campaigns" / "remove-six.yaml").read_text() == before
    assert not (folder / "campaigns" / "utcnow.yaml").exists()


def test_add_connects_the_editor_schema_of_init(tmp_path: Path) -> None:
    headway(tmp_path, "init", "work", "--local", "clones")
    headway(tmp_path / "work", "catalog", "add", "utcnow")
    copy = (tmp_path / "work" / "campaigns" / "utcnow.yaml").read_text("utf-8")
    assert copy.startswith("# yaml-language-server: $schema=campaign.schema.json\n# Copied from")


def test_suggestions_equal_what_try_finds(folder: Path) -> None:
    found = {row["campaign"]: row for row in rows(folder, "catalog", "suggest", *NOW)}
    assert {"remove-six", "travis-to-github-actions"} <= set(found)
    six = found["remove-six"]
    assert (six["items"], six["repositories"], six["added"], six["unknown"]) == (3, 2, True, 0)
    assert six["example"] == "bank: b.py:1"
    for campaign, row in found.items():
        tried = rows(folder, "try", campaign, *NOW)
        assert row["items"] == sum(entry["items"] or 0 for entry in tried), campaign


def test_the_next_command_adds_a_campaign_that_the_workspace_lacks(folder: Path) -> None:
    result = headway(folder, "catalog", "suggest", *NOW)
    assert "catalog add " in result.stderr
    assert "catalog add remove-six" not in result.stderr
    assert "campaigns in the catalogue find something in 3 repositories" in result.stderr


def test_any_folder_of_clones_can_be_searched_without_a_workspace(clones: Path) -> None:
    inside = headway(clones, "catalog", "suggest", *NOW)
    named = headway(clones.parent, "catalog", "suggest", "clones", *NOW)
    assert inside.stdout == named.stdout
    assert f" init my-campaigns --local {clones} --campaign " in inside.stderr
    assert [path.name for path in clones.parent.iterdir()] == ["clones"]


def test_a_folder_without_repositories_is_an_error(tmp_path: Path) -> None:
    result = headway(tmp_path, "catalog", "suggest", code=1)
    assert f"there are no git repositories below {tmp_path}" in result.stderr


def test_a_repository_that_cannot_be_read_is_unknown(clones: Path) -> None:
    for file in (clones / "shop" / ".git" / "objects").rglob("*"):
        if file.is_file():
            file.unlink()
    result = headway(clones, "catalog", "suggest", *NOW, code=3)
    assert "shop" in result.stderr
    assert "remove-six" in result.stdout


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 1, 1), (date(2026, 3, 1), "first")),
        (date(2026, 3, 2), (date(2026, 6, 1), None)),
        (date(2026, 7, 1), (date(2026, 6, 1), None)),
    ],
)
def test_the_deadline_is_the_next_one_or_the_last(
    today: date, expected: tuple[date, str | None]
) -> None:
    milestones = (Milestone("first", date(2026, 3, 1)),)
    campaign = Campaign("one", "One", due=date(2026, 6, 1), milestones=milestones)
    assert deadline_of(campaign, today) == expected
    assert deadline_of(Campaign("two", "Two"), today) == (None, None)
