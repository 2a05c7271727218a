"""Laws 1, 2, 3 and 5 of ARCHITECTURE.md hold for campaigns with conditions."""

from __future__ import annotations

import itertools
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from headway.model.movement import FLOW_SIGNS
from headway.store.store_reader import open_store
from tests.laws.test_laws import TODAY, check_splits
from tests.support import oracle
from tests.support.histories import History, build, histories
from tests.support.thorough import repeat
from tests.support.workspaces import SIX, rows, scan, shared_connection, workspace

STARTS = date(2020, 10, 1)
APPLIES_TO = """applies_to:
  - {id: has-notes, scanner: file, paths: [/notes.txt]}
  - {id: imports-os, scanner: regex, pattern: import os, paths: ["*.py"]}
"""
DEPRECATED = rf"""title: Remove six where it matters
starts: {STARTS}
{APPLIES_TO}deprecated:
  - {{id: import-six, scanner: regex, pattern: '{SIX}'}}
  - {{id: deep-files, scanner: file, paths: ["lib/**"]}}
required:
  - {{id: has-a, scanner: file, paths: [/a.py]}}
"""
MUST = f"""title: Every affected repository has these
starts: {STARTS}
{APPLIES_TO}required:
  - {{id: has-a, scanner: file, paths: [/a.py]}}
  - {{id: has-six, scanner: regex, pattern: import six}}
"""
EVERYWHERE = f"""title: Every repository has a.py
starts: {STARTS}
required:
  - {{id: has-a, scanner: file, paths: [/a.py]}}
"""
CAMPAIGNS = ("deprecated", "must", "everywhere")


@contextmanager
def scanned_workspace(history: History) -> Iterator[tuple[Path, Path, list[str]]]:
    with tempfile.TemporaryDirectory() as name:
        folder = workspace(Path(name), deprecated=DEPRECATED, must=MUST, everywhere=EVERYWHERE)
        repository = folder / "clones" / "one.git"
        yield folder, repository, build(history, repository)


def everything(folder: Path) -> dict[str, Any]:
    """Return the rows of the views of items, movements, snapshots and marks."""
    with open_store(folder / "headway.duckdb") as store:
        return {
            view: sorted(store.query(f"SELECT * FROM {view}")[1], key=repr)
            for view in ("items", "movements", "repository_snapshots", "team_snapshots", "marks")
        }


def is_affected(repository: Path, commit: str, files: set[str]) -> bool:
    return "notes.txt" in files or bool(oracle.grep(repository, commit, "import os", ("*.py",)))


def expected_at(repository: Path, commit: str) -> dict[tuple[str, str], int]:
    """Return the number of open items of each rule at a commit, as computed by git."""
    files = oracle.regular_files(repository, commit)
    affected = is_affected(repository, commit, files)
    six = oracle.grep(repository, commit, SIX).total()
    any_six = oracle.grep(repository, commit, "import six").total()
    return {
        ("deprecated", "import-six"): six if affected else 0,
        ("deprecated", "deep-files"): sum(map(_is_deep, files)) if affected else 0,
        ("must", "has-a"): int(affected and "a.py" not in files),
        ("must", "has-six"): int(affected and not any_six),
        ("everywhere", "has-a"): int("a.py" not in files),
    }


def _is_deep(path: str) -> bool:
    return path.startswith("lib/")


@settings(max_examples=repeat(5, thorough=200), deadline=None)
@given(histories)
def test_items_at_every_commit_and_states_at_the_tip_follow_from_git(history: History) -> None:
    with scanned_workspace(history) as (folder, repository, chain):
        scan(folder, TODAY)
        with shared_connection(folder):
            items = rows(folder, "items", "--state", "all")
            check_tip(folder, repository, chain[-1])
        place = {commit: number for number, commit in enumerate(chain)}
        for commit in chain[oracle.in_force(repository, chain, STARTS) :]:
            number = place[commit]
            found = Counter(
                (item["campaign"], item["rule"])
                for item in items
                if place[item["opened_commit"]] <= number
                and (item["closed_commit"] is None or number < place[item["closed_commit"]])
            )
            for rule, count in expected_at(repository, commit).items():
                assert found[rule] == count, (rule, number)


def check_tip(folder: Path, repository: Path, tip: str) -> None:
    """Check the open items and the states of repositories."""
    expected = expected_at(repository, tip)
    found = Counter((item["campaign"], item["rule"]) for item in rows(folder, "items"))
    assert found == Counter({rule: count for rule, count in expected.items() if count})
    files = oracle.regular_files(repository, tip)
    affected = is_affected(repository, tip, files)
    for row in rows(folder, "status", "--by", "repository"):
        if row["open"]:
            assert row["state"] == "open"
        elif row["campaign"] == "everywhere":
            assert row["state"] == "done"
        elif not affected:
            assert row["state"] in ("not affected", "done")
            assert row["state"] == "not affected" or row["fixed"]
        elif row["campaign"] == "deprecated" and "a.py" not in files:
            assert row["state"] == "incomplete"
        else:
            assert row["state"] == "done"


@settings(max_examples=repeat(5, thorough=200), deadline=None)
@given(histories, st.data())
def test_any_split_into_scans_gives_the_same_result(history: History, data: st.DataObject) -> None:
    with scanned_workspace(history) as (folder, repository, chain):
        check_splits(folder, repository, chain, data, everything)


@settings(max_examples=repeat(5, thorough=200), deadline=None)
@given(histories)
def test_the_ledger_balances_and_equals_the_status(history: History) -> None:
    with scanned_workspace(history) as (folder, _repository, _chain):
        scan(folder, TODAY)
        with shared_connection(folder):
            by_campaign = {row["campaign"]: row for row in rows(folder, "status")}
            repositories = {
                row["campaign"]: row for row in rows(folder, "status", "--by", "repository")
            }
            teams = rows(folder, "status", "--by", "team")
            for campaign in CAMPAIGNS:
                points = rows(folder, "burndown", campaign, "--by", "week", "--today", str(TODAY))
                for before, after in itertools.pairwise(points):
                    assert after["open"] == before["open"] + sum(
                        sign * after[column] for column, sign in FLOW_SIGNS.items()
                    )
                status = by_campaign[campaign]
                assert points[-1]["open"] == status["open"]
                assert status["open"] == len(rows(folder, "items", campaign))
                # The counts that the store computes equal the counts over all repositories.
                for field in ("open", "fixed", "exempt", "completion"):
                    assert status[field] == repositories[campaign][field]
                own = [team for team in teams if team["campaign"] == campaign]
                assert sum(team["open"] for team in own) == status["open"]
                assert sum(team["fixed"] for team in own) == status["fixed"]
