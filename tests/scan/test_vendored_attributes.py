"""Files are excluded as long as `.gitattributes` marks them as vendored or generated."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from headway.scan.vendored_files import may_select_below
from tests.support.git import Repo
from tests.support.workspaces import headway, rows, scan, workspace

TODAY = date(2026, 6, 1)
CAMPAIGN = """title: Leave six
starts: 2026-01-05
deprecated:
  - {id: line, scanner: regex, pattern: six}
  - {id: file, scanner: file, paths: ["*.six"]}
  - {id: all, scanner: regex, pattern: six, include_vendored: true}
"""
GEN = "gen/** linguist-generated\n"


class Story:
    """A workspace with one repository and the campaign `CAMPAIGN`."""

    def __init__(self, folder: Path) -> None:
        self.folder = workspace(folder, six=CAMPAIGN)
        self.repo = Repo(folder / "clones" / "app")

    def items(self, rule: str = "line", state: str = "all") -> list[dict[str, Any]]:
        scan(self.folder, TODAY)
        return rows(self.folder, "items", "--state", state, "--rule", rule)

    def movements(self) -> dict[str, int]:
        """Return the sums of the movements, without the rule `all`."""
        scan(self.folder, TODAY)
        text = (self.folder / "campaigns" / "six.yaml").read_text()
        (self.folder / "campaigns" / "six.yaml").write_text(text.partition("  - {id: all")[0])
        scan(self.folder, TODAY)
        points = rows(self.folder, "burndown", "six", "--by", "day", "--today", TODAY.isoformat())
        names = ("new", "regressed", "scope_added", "fixed", "scope_removed")
        return {
            name: total for name in names if (total := sum(point[name] for point in points)) != 0
        }


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path)


def test_marked_files_are_excluded_from_the_beginning(story: Story) -> None:
    files = {"a.py": "six\n", "gen/a.py": "six\n", "gen/x.six": ""}
    story.repo.commit("2026-01-01", {".gitattributes": GEN, **files})
    assert [item["path"] for item in story.items()] == ["a.py"]
    assert story.items("file") == []
    assert len(story.items("all")) == 2


def test_files_that_are_marked_later_leave_the_scope(story: Story) -> None:
    story.repo.commit("2026-01-01", {"a.py": "six\n", "gen/a.py": "six\n", "gen/x.six": ""})
    marking = story.repo.commit("2026-02-01", {".gitattributes": GEN})
    deletion = story.repo.commit("2026-03-01", {"gen/a.py": None, "gen/x.six": None})
    kept, left = story.items()
    assert (kept["state"], left["state"], left["closed_commit"]) == ("open", "excluded", marking)
    assert left["closed_by"] is None
    assert story.items(state="fixed") == []
    (file,) = story.items("file")
    assert file["state"] == "excluded"
    assert [item["closed_commit"] for item in story.items("all")] == [None, deletion]
    assert story.movements() == {"scope_removed": 2}


def test_files_that_are_unmarked_enter_the_scope(story: Story) -> None:
    story.repo.commit("2026-01-01", {".gitattributes": GEN, "gen/a.py": "six\n", "gen/x.six": ""})
    commit = story.repo.commit("2026-02-01", {".gitattributes": None})
    (line,), (file,) = story.items(), story.items("file")
    assert line["opened_commit"] == file["opened_commit"] == commit
    assert not line["opened_before_baseline"]
    assert not line["regressed"]
    assert line["opened_by"] is None
    assert story.movements() == {"scope_added": 2}


@pytest.mark.parametrize("state", ["-linguist-vendored", "linguist-vendored=false"])
def test_a_path_that_is_vendored_by_default_can_be_unmarked(story: Story, state: str) -> None:
    story.repo.commit("2026-01-01", {"vendor/a.py": "six\n", "vendor/x.six": ""})
    assert story.items() == []
    story.repo.commit("2026-02-01", {"vendor/.gitattributes": f"* {state}\n"})
    story.repo.commit("2026-03-01", {"vendor/a.py": "\n"})
    (item,) = story.items()
    assert item["state"] == "fixed"
    assert story.movements() == {"scope_added": 2, "fixed": 1}


def test_an_item_that_leaves_and_returns_has_not_regressed(story: Story) -> None:
    story.repo.commit("2026-01-01", {"gen/a.py": "six\n"})
    story.repo.commit("2026-02-01", {".gitattributes": GEN})
    story.repo.commit("2026-03-01", {".gitattributes": "# nothing\n"})
    first, second = story.items()
    assert first["item"] == second["item"]
    assert not second["regressed"]
    assert story.movements() == {"scope_added": 1, "scope_removed": 1}


def test_a_fixed_item_that_enters_is_no_longer_fixed(story: Story) -> None:
    story.repo.commit("2026-01-01", {"gen/a.py": "six\n"})
    story.repo.commit("2026-02-01", {"gen/a.py": "\n"})
    story.repo.commit("2026-03-01", {".gitattributes": GEN})
    story.repo.commit("2026-04-01", {"gen/a.py": "six\n"})
    assert [item["state"] for item in story.items()] == ["fixed"]
    story.repo.commit("2026-05-01", {".gitattributes": None})
    assert [item["state"] for item in story.items()] == ["fixed", "open"]
    assert story.movements() == {"fixed": 1, "scope_added": 1}
    (row,) = rows(story.folder, "status", "--today", TODAY.isoformat())
    assert (row["open"], row["fixed"]) == (1, 0)


def test_a_line_that_was_never_fixed_is_new_when_it_is_written_again(story: Story) -> None:
    story.repo.commit("2026-01-01", {"gen/a.py": "six\n"})
    story.repo.commit("2026-02-01", {".gitattributes": GEN})
    story.repo.commit("2026-03-01", {"gen/a.py": "\n"})
    story.repo.commit("2026-04-01", {".gitattributes": None})
    story.repo.commit("2026-05-01", {"gen/a.py": "six\n"})
    assert story.movements() == {"new": 1, "scope_removed": 1}
    assert [item["regressed"] for item in story.items()] == [False, False]


def test_files_and_attributes_may_change_in_one_commit(story: Story) -> None:
    story.repo.commit("2026-01-01", {"a.py": "six\n", "gen/a.py": "six\n", "old.py": "six\n"})
    changes: dict[str, str | bytes | None] = {"a.py": "six\nsix, too\n", "gen/a.py": "six\nsix\n"}
    story.repo.commit("2026-02-01", {".gitattributes": GEN, "old.py": None, **changes})
    assert story.movements() == {"new": 1, "fixed": 1, "scope_removed": 1}


def test_the_nearest_file_decides(story: Story) -> None:
    files = {"gen/a.py": "six\n", "gen/own/b.py": "six\n"}
    story.repo.commit("2026-01-01", {".gitattributes": GEN, **files})
    story.repo.commit("2026-02-01", {"gen/own/.gitattributes": "* -linguist-generated\n"})
    assert [item["path"] for item in story.items()] == ["gen/own/b.py"]
    assert story.movements() == {"scope_added": 1}


def test_a_macro_can_mark_files_of_another_folder(story: Story) -> None:
    story.repo.commit("2026-01-01", {"gen/.gitattributes": "* theirs\n", "gen/a.py": "six\n"})
    story.repo.commit("2026-02-01", {".gitattributes": "[attr]theirs linguist-vendored\n"})
    assert story.movements() == {"scope_removed": 1}


def test_scans_between_give_the_same_result(tmp_path: Path) -> None:
    once, often = Story(tmp_path / "once"), Story(tmp_path / "often")
    for number, files in enumerate(
        (
            {"a.py": "six\n", "gen/a.py": "six\n", "vendor/a.py": "six\n", "gen/x.six": ""},
            {".gitattributes": "* text\n"},
            {".gitattributes": GEN},
            {"gen/a.py": "six\nsix again\n", "b.py": "six\n"},
            {"vendor/.gitattributes": "* !linguist-vendored -linguist-generated\n"},
            {".gitattributes": "*.c linguist-generated\n", "a.py": "\n"},
        ),
        start=1,
    ):
        for story in (once, often):
            story.repo.commit(f"2026-0{number}-01" if number < 6 else "2026-05-15", {**files})
        often.items()
    for rule in ("line", "file", "all"):
        assert often.items(rule) == once.items(rule)
    assert often.movements() == once.movements()


def test_items_counts_marked_files_as_excluded(story: Story) -> None:
    files = {"gen/a.py": "six\n", "gen/b.py": "", "vendor/a.py": "six\n"}
    attributes = GEN + "vendor/** -linguist-vendored\n"
    story.repo.commit("2026-01-01", {".gitattributes": attributes, **files})
    story.items()
    shown = headway(story.folder, "items", "--rule", "line", "--today", TODAY.isoformat())
    assert "generated code: 2 files, such as gen/a.py" in shown.stderr
    assert "vendor/a.py" in shown.stdout


@pytest.mark.parametrize(
    ("folder", "patterns", "expected"),
    [
        ("", ["src/**"], True),
        ("lib", [], True),
        ("lib", ["!lib/**"], True),
        ("lib", ["*.py"], True),
        ("lib", ["**/x.py"], True),
        ("lib", ["l*/x.py"], True),
        ("lib", ["src/**"], False),
        ("lib", ["/src/x.py"], False),
        ("lib", ["src/**", "lib/a/*.py"], True),
        ("lib/a", ["lib/**"], True),
        ("lib/a", ["lib/b/**"], False),
        ("lib", ["lib/"], True),
    ],
)
def test_rules_that_select_nothing_in_a_folder(
    folder: str, patterns: list[str], expected: bool
) -> None:
    assert may_select_below(folder, patterns) == expected
