"""Each edit of a campaign file leaves one mark, on the day of the next scan."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from headway.model.progress_reporter import SilentReporter
from headway.store.definition_codec import definition_json, definition_of
from headway.store.store_reader import open_store
from tests.support.git import Repo
from tests.support.workspaces import REMOVE_SIX, rows, scan, workspace

FIRST, SECOND, THIRD = date(2020, 3, 2), date(2020, 3, 9), date(2020, 3, 16)
RICH = """
due: 2020-06-30
scope: {repositories: ["one"], topics: [], forks: true}
milestones: [{name: Tier 1, due: 2020-05-01, repositories: ["o*"]}]
exemptions: [{repositories: ["two"], rules: [import-six], reason: Goes, until: 2020-12-31}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = workspace(tmp_path / "ws")
    Repo(made / "clones" / "one").commit("2020-02-10", {"a.py": "import six\n"})
    return made


def scan_with(folder: Path, day: date, settings: str = "", text: str = REMOVE_SIX) -> None:
    (folder / "campaigns" / "remove-six.yaml").write_text(text + settings)
    scan(folder, day)


def marks(folder: Path) -> list[tuple[Any, ...]]:
    with open_store(folder / "headway.duckdb") as store:
        return store.query("SELECT day, kind, before, after FROM marks ORDER BY ALL")[1]


def test_each_move_of_a_due_date_leaves_a_mark_with_its_day(folder: Path) -> None:
    scan_with(folder, FIRST, "due: 2020-06-30\n")
    scan_with(folder, SECOND, "due: 2020-09-30\n")
    scan_with(folder, THIRD, "due: 2020-12-31\n")
    assert marks(folder) == [
        (SECOND, "due date", "2020-06-30", "2020-09-30"),
        (THIRD, "due date", "2020-09-30", "2020-12-31"),
    ]


def test_several_edits_between_two_scans_are_one_mark(folder: Path) -> None:
    scan_with(folder, FIRST, "due: 2020-06-30\n")
    (folder / "campaigns" / "remove-six.yaml").write_text(REMOVE_SIX + "due: 2020-09-30\n")
    scan_with(folder, SECOND, "due: 2020-12-31\n")
    assert marks(folder) == [(SECOND, "due date", "2020-06-30", "2020-12-31")]


def test_the_scans_of_one_day_leave_the_marks_of_the_last_one(folder: Path) -> None:
    scan_with(folder, FIRST, "due: 2020-06-30\n")
    scan_with(folder, SECOND, "due: 2020-09-30\n")
    scan_with(folder, SECOND, "due: 2020-12-31\n")
    assert marks(folder) == [(SECOND, "due date", "2020-06-30", "2020-12-31")]
    scan_with(folder, SECOND, "due: 2020-06-30\n")
    assert marks(folder) == []


def test_scanning_again_adds_no_mark(folder: Path) -> None:
    scan_with(folder, FIRST)
    scan_with(folder, SECOND, RICH)
    before = marks(folder)
    assert {kind for _, kind, _, _ in before} == {"due date", "scope", "milestone", "exemption"}
    scan(folder, SECOND)
    scan(folder, THIRD)
    assert marks(folder) == before


def test_a_new_weight_leaves_a_mark(folder: Path) -> None:
    scan_with(folder, FIRST)
    scan_with(folder, SECOND, text=REMOVE_SIX.replace("pattern:", "weight: 3\n    pattern:"))
    assert marks(folder) == [(SECOND, "weight", "1", "3")]


def test_titles_owners_and_guides_leave_no_mark(folder: Path) -> None:
    scan_with(folder, FIRST)
    text = REMOVE_SIX.replace("Remove six", "Six must go")
    scan_with(folder, SECOND, "owner: platform\nguide: https://wiki.example.com\n", text)
    assert marks(folder) == []


def test_a_recorded_definition_is_read_back_as_it_was(folder: Path) -> None:
    scan_with(folder, FIRST, RICH)
    with open_store(folder / "headway.duckdb") as store:
        ((_, (dated,)),) = store.campaigns.definitions().items()
    assert dated.day == FIRST
    assert dated.definition.milestones[0].repositories == ("o*",)
    assert definition_of(definition_json(dated.definition)) == dated.definition
    assert rows(folder, "status")[0]["due"] == "2020-06-30"


def test_a_scan_says_which_rule_is_computed_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes: list[str] = []
    monkeypatch.setattr(SilentReporter, "note", lambda _, text: notes.append(text))
    scan_with(folder, FIRST)
    scan_with(folder, SECOND, "due: 2020-06-30\n")
    assert notes == []
    scan_with(folder, THIRD, text=REMOVE_SIX.replace("from six", "from  six"))
    (note,) = notes
    assert note == (
        "remove-six: the definition of rule import-six has changed, so its history is computed "
        "again in 1 repository"
    )
