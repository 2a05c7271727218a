"""Items open and close correctly with `applies_to`, or with only required rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from headway.model.limits import DEFAULT_LIMITS
from tests.support.git import Repo
from tests.support.workspaces import headway, rows, scan, workspace

TODAY = date(2025, 6, 1)
MUST = """title: Every Node.js project has a security policy
starts: 2024-01-01
applies_to:
  - {id: node, scanner: file, paths: [/package.json]}
required:
  - {id: policy, scanner: file, paths: [/SECURITY.md]}
"""
NODE = """title: Node 20
starts: 2024-01-01
applies_to:
  - {id: node, scanner: file, paths: [/package.json]}
deprecated:
  - {id: node-16, scanner: regex, pattern: 'node:16', paths: [Dockerfile]}
required:
  - {id: nvmrc, scanner: file, paths: [/.nvmrc]}
"""
Files = dict[str, str | bytes | None]
OLD: Files = {"Dockerfile": "FROM node:16\n"}
NEW: Files = {"Dockerfile": "FROM node:20\n"}
PACKAGE: Files = {"package.json": "{}\n"}
POLICY: Files = {"SECURITY.md": "Write to us.\n"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return workspace(tmp_path, must=MUST, node=NODE)


def repository(folder: Path, name: str = "one") -> Repo:
    return Repo(folder / "clones" / name)


def remove(repo: Repo, path: str, day: str, files: Files | None = None) -> None:
    repo.git("rm", "-q", path)
    repo.commit(day, files or {})


def movements(folder: Path, campaign: str) -> dict[str, tuple[str, ...]]:
    """Return the names of the movements of each month that has any."""
    names = ("new", "regressed", "scope_added", "fixed", "scope_removed")
    points = rows(folder, "burndown", campaign, "--by", "month", "--today", str(TODAY))
    found = {point["date"][:7]: tuple(name for name in names if point[name]) for point in points}
    return {month: moved for month, moved in found.items() if moved}


def states(folder: Path, campaign: str) -> dict[str, str]:
    return {
        row["repository"]: row["state"]
        for row in rows(folder, "status", campaign, "--by", "repository", "--today", str(TODAY))
    }


def items(folder: Path, campaign: str) -> list[dict[str, Any]]:
    return rows(folder, "items", campaign, "--today", str(TODAY))


def test_a_repository_that_becomes_affected_adds_its_items_to_the_scope(folder: Path) -> None:
    repo = repository(folder)
    repo.commit("2023-05-01", OLD)
    commit = repo.commit("2024-03-01", PACKAGE)
    repo.commit("2024-05-01", {**NEW, **POLICY})
    scan(folder, TODAY)
    assert movements(folder, "node") == {"2024-03": ("scope_added",), "2024-05": ("fixed",)}
    assert movements(folder, "must") == {"2024-03": ("scope_added",), "2024-05": ("fixed",)}
    assert states(folder, "node") == {"one": "incomplete"}
    assert states(folder, "must") == {"one": "done"}
    (item,) = rows(folder, "items", "must", "--state", "fixed", "--today", str(TODAY))
    assert (item["path"], item["role"], item["opened_commit"]) == (".", "required", commit)
    assert item["opened_by"] is None


def test_a_repository_that_is_never_affected_has_no_items(folder: Path) -> None:
    repository(folder).commit("2023-05-01", OLD)
    scan(folder, TODAY)
    assert items(folder, "node") == items(folder, "must") == []
    assert states(folder, "node") == states(folder, "must") == {"one": "not affected"}
    for campaign in ("node", "must"):
        (row,) = rows(folder, "status", campaign, "--today", str(TODAY))
        assert row["state"] == "no matches"


def test_items_of_a_new_repository_are_new(folder: Path) -> None:
    repository(folder).commit("2024-09-02", {**OLD, **PACKAGE})
    scan(folder, TODAY)
    assert movements(folder, "node") == {"2024-09": ("new",)}
    assert movements(folder, "must") == {"2024-09": ("new",)}


def test_items_that_remain_when_a_repository_ceases_to_be_affected_leave_the_scope(
    folder: Path,
) -> None:
    repo = repository(folder)
    repo.commit("2023-05-01", {**OLD, **PACKAGE})
    remove(repo, "package.json", "2024-04-01")
    scan(folder, TODAY)
    assert movements(folder, "node") == {"2024-04": ("scope_removed",)}
    assert movements(folder, "must") == {"2024-04": ("scope_removed",)}
    assert states(folder, "node") == states(folder, "must") == {"one": "not affected"}


def test_the_last_fix_counts_even_if_its_commit_ends_that_the_repository_is_affected(
    folder: Path,
) -> None:
    repo = repository(folder)
    repo.commit("2023-05-01", {**OLD, **PACKAGE})
    remove(repo, "package.json", "2024-04-01", NEW)
    scan(folder, TODAY)
    assert movements(folder, "node") == {"2024-04": ("fixed",)}
    assert states(folder, "node") == {"one": "done"}


def test_a_repository_that_fixed_only_some_items_is_not_done(folder: Path) -> None:
    repo = repository(folder)
    repo.commit("2023-05-01", {**PACKAGE, "Dockerfile": "FROM node:16\nFROM node:16 AS b\n"})
    repo.commit("2024-02-01", OLD)
    remove(repo, "package.json", "2024-04-01")
    scan(folder, TODAY)
    assert movements(folder, "node") == {"2024-02": ("fixed",), "2024-04": ("scope_removed",)}
    assert states(folder, "node") == {"one": "not affected"}


def test_a_requirement_that_is_dropped_again_regresses(folder: Path) -> None:
    repo = repository(folder)
    repo.commit("2023-05-01", PACKAGE)
    repo.commit("2024-02-01", POLICY)
    remove(repo, "SECURITY.md", "2024-04-01")
    scan(folder, TODAY)
    assert movements(folder, "must") == {"2024-02": ("fixed",), "2024-04": ("regressed",)}
    (item,) = items(folder, "must")
    assert item["regressed"]
    assert item["excerpt"] == "missing: policy"


def test_affected_repositories_without_items_are_done_unless_no_rule_ever_matched(
    folder: Path,
) -> None:
    repository(folder, "good").commit("2023-05-01", {**PACKAGE, **POLICY, ".nvmrc": "20\n"})
    scan(folder, TODAY)
    assert states(folder, "must") == states(folder, "node") == {"good": "done"}
    by_campaign = {row["campaign"]: row["state"] for row in rows(folder, "status")}
    assert by_campaign == {"must": "done", "node": "no matches"}


def test_adding_applies_to_later_recomputes_the_campaign(folder: Path) -> None:
    repo = repository(folder)
    repo.commit("2023-05-01", OLD)
    repo.commit("2024-03-01", PACKAGE)
    repository(folder, "other").commit("2023-05-01", OLD)
    file = folder / "campaigns" / "node.yaml"
    file.write_text(
        NODE.replace("applies_to:\n  - {id: node, scanner: file, paths: [/package.json]}\n", "")
    )
    scan(folder, date(2025, 5, 1))
    assert len(items(folder, "node")) == 2
    file.write_text(NODE)
    scan(folder, TODAY)
    assert [item["repository"] for item in items(folder, "node")] == ["one"]
    file.write_text(
        NODE.replace("applies_to:\n  - {id: node, scanner: file, paths: [/package.json]}\n", "")
    )
    scan(folder, TODAY)
    assert len(items(folder, "node")) == 2


def test_exemptions_cover_missing_requirements(tmp_path: Path) -> None:
    exemption = "exemptions: [{reason: Old, until: 2025-12-31, rules: [policy], paths: ['**']}]\n"
    folder = workspace(tmp_path, must=MUST + exemption)
    repository(folder).commit("2023-05-01", PACKAGE)
    scan(folder, TODAY)
    assert items(folder, "must") == []
    assert states(folder, "must") == {"one": "exempt"}
    result = headway(folder, "try", "must", "--today", str(TODAY))
    assert "the exemption covers no match" not in result.output


def test_try_counts_only_affected_repositories(folder: Path) -> None:
    repository(folder, "bad").commit("2023-05-01", {**OLD, **PACKAGE})
    repository(folder, "good").commit("2023-05-01", {**PACKAGE, **POLICY})
    repository(folder, "other").commit("2023-05-01", OLD)
    must = headway(folder, "try", "must", "--today", str(TODAY)).output
    assert "bad: 1 item\n  missing: policy\n" in must
    assert "nothing missing: good\n" in must
    assert "not affected: other\n" in must
    assert "must: 1 item in 1 of 2 affected repositories" in must
    node = headway(folder, "try", "node", "--today", str(TODAY)).output
    assert "node: 1 match in 1 of 2 affected repositories" in node
    assert "not affected: other\n" in node
    found = {
        (row["repository"], row["rule"]): (row["affected"], row["items"])
        for row in rows(folder, "try", "must", "--today", str(TODAY))
    }
    assert found["bad", "policy"] == (True, 1)
    assert found["other", "policy"] == (False, 0)
    assert found["good", "node"] == (True, 0)


WORDS = """title: Remove six where os is used
starts: 2024-01-01
applies_to:
  - {id: uses-os, scanner: regex, pattern: import os, paths: [os.py, lib/os.py]}
deprecated:
  - {id: six, scanner: regex, pattern: import six, paths: [six.py]}
"""
MISSING = WORDS.replace("deprecated:", "required:").replace("Remove six", "Import six")


@pytest.mark.parametrize("text", [WORDS, MISSING], ids=["deprecated", "required"])
def test_a_condition_that_cannot_be_read_keeps_the_items_and_makes_them_unknown(
    tmp_path: Path, text: str
) -> None:
    folder = workspace(tmp_path, words=text)
    repo = repository(folder)
    first: Files = {"six.py": "import six\n"} if text is WORDS else {"a.py": "a\n"}
    repo.commit("2024-02-01", {**first, "os.py": "import os\n"})
    limits = replace(DEFAULT_LIMITS, max_text_bytes=200)
    scan(folder, date(2025, 5, 1), limits=limits)
    before = items(folder, "words")
    assert len(before) == 1
    repo.commit("2025-05-02", {"os.py": "x" * 500})
    outcome = scan(folder, TODAY, limits=limits)
    assert [part.repository for part in outcome.unknown] == ["one"]
    assert items(folder, "words") == before
    assert states(folder, "words") == {"one": "unknown"}
    repo.commit("2025-05-03", {"os.py": "nothing\n"})
    scan(folder, TODAY, limits=limits)
    assert items(folder, "words") == []
    assert states(folder, "words") == {"one": "not affected"}
    assert movements(folder, "words") == {"2024-02": ("new",), "2025-05": ("scope_removed",)}


def test_a_condition_that_moves_changes_nothing(tmp_path: Path) -> None:
    folder = workspace(tmp_path, words=WORDS, must=MISSING)
    repo = repository(folder)
    repo.commit("2024-02-01", {"six.py": "import six\n", "os.py": "import os\n"})
    (repo.path / "lib").mkdir()
    repo.git("mv", "os.py", "lib/os.py")
    repo.commit("2024-03-01")
    repo.commit("2024-04-01", {"os.py": "import os\n"})
    remove(repo, "lib/os.py", "2024-05-01")
    scan(folder, TODAY)
    assert movements(folder, "words") == {"2024-02": ("new",)}
    assert movements(folder, "must") == {}


def test_the_number_of_workers_changes_nothing(folder: Path) -> None:
    for number in range(4):
        repo = repository(folder, f"r{number}")
        repo.commit("2023-05-01", OLD)
        repo.commit("2024-03-01", PACKAGE)
        repo.commit(f"2024-0{number + 4}-01", {**NEW, **POLICY} if number % 2 else POLICY)
    scan(folder, TODAY)
    once = [rows(folder, "items", "--state", "all"), rows(folder, "status", "--by", "repository")]
    (folder / "headway.duckdb").unlink()
    scan(folder, TODAY, workers=2)
    again = [rows(folder, "items", "--state", "all"), rows(folder, "status", "--by", "repository")]
    assert again == once


def test_commits_of_one_second_are_applied_in_their_order(folder: Path) -> None:
    """A rebase gives many commits the same committer time."""
    repo = repository(folder)
    repo.commit("2024-03-01", OLD)
    repo.commit("2024-03-01", {**NEW, **PACKAGE})
    repo.commit("2024-03-01", OLD)
    remove(repo, "package.json", "2024-03-01")
    scan(folder, TODAY)
    assert movements(folder, "node") == {"2024-03": ("new", "scope_removed")}
