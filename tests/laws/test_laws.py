"""Laws 1, 2, 5 and 6 of ARCHITECTURE.md hold for generated histories."""

from __future__ import annotations

import itertools
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headway.model.movement import FLOW_SIGNS
from headway.store.store_reader import open_store
from tests.support import oracle
from tests.support.histories import History, build, histories, point, repetitive_histories
from tests.support.thorough import repeat
from tests.support.workspaces import SIX, rows, scan, shared_connection, workspace

TODAY = date(2026, 1, 15)
STARTS = date(2020, 10, 1)

CAMPAIGN = rf"""title: Remove six
starts: {STARTS}
deprecated:
  - id: import-six
    scanner: regex
    pattern: '{SIX}'
  - id: any-six
    scanner: regex
    pattern: 'import six'
    paths: ["*.py"]
  - id: text-files
    scanner: file
    paths: ["*.txt", "lib/**"]
replacement:
  - id: has-a
    scanner: file
    paths: ["a.py"]
"""


@contextmanager
def scanned_workspace(history: History) -> Iterator[tuple[Path, Path, list[str]]]:
    with tempfile.TemporaryDirectory() as name:
        folder = workspace(Path(name), law=CAMPAIGN)
        repository = folder / "clones" / "one.git"
        chain = build(history, repository)
        yield folder, repository, chain


def everything(folder: Path) -> dict[str, Any]:
    """Return the rows of the views of items, movements, snapshots and marks."""
    with open_store(folder / "headway.duckdb") as store:
        return {
            view: sorted(store.query(f"SELECT * FROM {view}")[1], key=repr)
            for view in ("items", "movements", "repository_snapshots", "team_snapshots", "marks")
        }


def walked(answers: dict[str, Any]) -> dict[str, Any]:
    """Return the results with only those snapshots that a walk has recorded."""
    return answers | {
        name: [row for row in answers[name] if "walk" in row]
        for name in ("repository_snapshots", "team_snapshots")
    }


def check_splits(
    folder: Path,
    repository: Path,
    chain: list[str],
    data: st.DataObject,
    results: Callable[[Path], dict[str, Any]],
) -> None:
    """Scan once, twice, and in several steps. The results must be equal."""
    scan(folder, TODAY)
    once = results(folder)
    again = scan(folder, TODAY)
    assert again.unchanged == again.repositories
    assert results(folder) == once
    (folder / "headway.duckdb").unlink()
    stops = data.draw(st.sets(st.integers(0, len(chain) - 1)), label="stops")
    for stop in sorted(stops | {len(chain) - 1}):
        point(repository, chain[stop])
        scan(folder, TODAY)
    assert results(folder) == once


@settings(max_examples=repeat(12, thorough=400), deadline=None)
@given(histories)
def test_at_every_commit_the_open_items_equal_the_matches_of_git_grep(history: History) -> None:
    with scanned_workspace(history) as (folder, repository, chain):
        scan(folder, TODAY)
        with shared_connection(folder):
            items = rows(folder, "items", "--state", "all")
            check_tip(folder, repository, chain[-1])
        place = {commit: number for number, commit in enumerate(chain)}
        for commit in chain[oracle.in_force(repository, chain, STARTS) :]:
            number = place[commit]
            for rule, pattern, pathspecs in (
                ("import-six", SIX, ()),
                ("any-six", "import six", ("*.py",)),
            ):
                expected = oracle.grep_texts(repository, commit, pattern, pathspecs)
                found = Counter(
                    text_at(item, number, place)
                    for item in items
                    if item["rule"] == rule
                    and place[item["opened_commit"]] <= number
                    and (item["closed_commit"] is None or number < place[item["closed_commit"]])
                )
                assert found == expected, (rule, commit)


def text_at(item: dict[str, Any], number: int, place: Mapping[str, int]) -> tuple[str, str]:
    """Return the path and the text of an item at a commit.

    Args:
        item: The item, as printed by `headway items --format json`.
        number: The index of the commit in the chain.
        place: Maps each commit of the chain to its index.
    """
    text = [text for text in item["texts"] if place[text["commit"]] <= number][-1]
    return text["path"], text["text"]


def check_tip(folder: Path, repository: Path, tip: str) -> None:
    """Check that the open items are exactly the matches in the files at the tip."""
    items = rows(folder, "items")
    for rule, pattern, pathspecs in (
        ("import-six", SIX, ()),
        ("any-six", "import six", ("*.py",)),
    ):
        found = Counter((item["path"], item["line"]) for item in items if item["rule"] == rule)
        assert found == oracle.grep(repository, tip, pattern, pathspecs)
    files = set(oracle.regular_files(repository, tip))
    expected = {path for path in files if path.endswith(".txt") or path.startswith("lib/")}
    assert {item["path"] for item in items if item["rule"] == "text-files"} == expected


@settings(max_examples=repeat(8, thorough=300), deadline=None)
@given(st.one_of(histories, repetitive_histories), st.data())
def test_any_split_into_scans_gives_the_same_result(history: History, data: st.DataObject) -> None:
    with scanned_workspace(history) as (folder, repository, chain):
        check_splits(folder, repository, chain, data, everything)


@settings(max_examples=repeat(6, thorough=250), deadline=None)
@given(histories)
def test_the_ledger_balances_and_teams_sum_to_the_total(history: History) -> None:
    with scanned_workspace(history) as (folder, _repository, _chain):
        scan(folder, TODAY)
        with shared_connection(folder):
            for period in ("day", "week", "month"):
                points = rows(
                    folder, "burndown", "law", "--by", period, "--today", TODAY.isoformat()
                )
                for before, after in itertools.pairwise(points):
                    assert after["open"] == before["open"] + sum(
                        sign * after[column] for column, sign in FLOW_SIGNS.items()
                    )
            (status,) = rows(folder, "status")
            assert points[-1]["open"] == status["open"] == len(rows(folder, "items"))
            teams = rows(folder, "status", "--by", "team")
            assert sum(team["open"] for team in teams) == status["open"]
            assert sum(team["fixed"] for team in teams) == status["fixed"]


@pytest.mark.parametrize("move", ["rename", "shift"])
def test_moves_are_silent(tmp_path: Path, move: str) -> None:
    from tests.support.git import Repo

    folder = workspace(tmp_path)
    repo = Repo(folder / "clones" / "one")
    repo.commit("2020-02-01", {"a.py": "import six\nimport six\nx = 1\n", "c.py": "import six\n"})
    if move == "rename":
        repo.git("mv", "a.py", "b.py")
        repo.commit("2020-03-01")
    else:
        repo.commit("2020-03-01", {"a.py": "# new\n\n\nimport six\n#\n  import six\nx = 1\n"})
    scan(folder, TODAY)
    items = rows(folder, "items", "--state", "all")
    assert len(items) == 3
    assert {item["state"] for item in items} == {"open"}
    path = "b.py" if move == "rename" else "a.py"
    lines = [1, 2] if move == "rename" else [4, 6]
    assert [(item["path"], item["line"]) for item in items if item["path"] != "c.py"] == [
        (path, line) for line in lines
    ]
