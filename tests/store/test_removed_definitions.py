"""A store keeps the right records of removed rules, campaigns and repositories."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from headway.store.store_check import problems_of_store
from tests.support.git import Repo
from tests.support.workspaces import headway, rows, workspace

CAMPAIGN = """
title: Remove six
starts: 2026-01-01
deprecated:
  - {id: six, scanner: regex, pattern: 'import six'}
"""
TWO_RULES = CAMPAIGN + "  - {id: note, scanner: regex, pattern: TODO}\n"
REQUIRED = "  - {id: setup, scanner: file, paths: [setup.py]}\n"
CONDITIONAL = (
    "applies_to:\n" + REQUIRED + "required:\n  - {id: toml, scanner: file, paths: [x.toml]}\n"
)


def scan(folder: Path, day: str) -> None:
    headway(folder, "--today", day, "scan", "--jobs", "1", code=None)


@pytest.mark.parametrize(
    ("first", "then"), [(TWO_RULES, CAMPAIGN), (CAMPAIGN + CONDITIONAL, CAMPAIGN)]
)
@pytest.mark.parametrize("readable", [True, False])
def test_the_export_of_a_store_from_which_a_rule_was_removed_can_be_imported(
    tmp_path: Path, first: str, then: str, readable: bool
) -> None:
    folder = workspace(tmp_path / "ws", six=first)
    repo = Repo(folder / "clones" / "one")
    repo.commit("2026-01-02", {"a.py": "import six\n# TODO\n", "setup.py": ""})
    Repo(folder / "clones" / "other").commit("2026-01-02", {"b.py": "import six\n# TODO\n"})
    scan(folder, "2026-03-01")
    (folder / "campaigns" / "six.yaml").write_text(then)
    if not readable:
        shutil.rmtree(repo.path / ".git" / "refs")
    scan(folder, "2026-03-02")

    assert problems_of_store(folder / "headway.duckdb") == []
    before = rows(folder, "items", "--state", "all")
    headway(folder, "import", "--replace", str(folder / "headway.duckdb.export"))
    assert rows(folder, "items", "--state", "all") == before
    assert {row["rule"] for row in before} == {"six"}

    # A rule that is added again continues from where it stopped.
    (folder / "campaigns" / "six.yaml").write_text(first)
    scan(folder, "2026-03-03")
    assert problems_of_store(folder / "headway.duckdb") == []


def test_the_export_of_a_store_from_which_a_campaign_was_removed_can_be_imported(
    tmp_path: Path,
) -> None:
    folder = workspace(tmp_path / "ws", six=CAMPAIGN, notes=TWO_RULES)
    Repo(folder / "clones" / "one").commit("2026-01-02", {"a.py": "import six\n# TODO\n"})
    scan(folder, "2026-03-01")
    (folder / "campaigns" / "notes.yaml").unlink()
    shutil.rmtree(folder / "clones" / "one")
    Repo(folder / "clones" / "other").commit("2026-01-02", {"b.py": "import six\n# TODO\n"})
    scan(folder, "2026-03-02")
    assert problems_of_store(folder / "headway.duckdb") == []
    headway(folder, "import", "--replace", str(folder / "headway.duckdb.export"))
