"""Binary files that a rule selects are counted at the tip."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.support.git import Repo
from tests.support.workspaces import headway, rows, scan, workspace

CAMPAIGN = """title: Leave six
starts: 2026-01-05
deprecated:
  - {id: line, scanner: regex, pattern: six, paths: ["*.py"]}
  - {id: text, scanner: regex, pattern: six, paths: ["*.txt", "a.py"]}
  - {id: file, scanner: file, paths: ["*.py"]}
"""
BINARY = b"import six\n\0"
TODAY = date(2026, 6, 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return workspace(tmp_path, six=CAMPAIGN)


@pytest.fixture
def repo(folder: Path) -> Repo:
    return Repo(folder / "clones" / "app")


def counts(folder: Path) -> Any:
    scan(folder, TODAY)
    (row,) = rows(folder, "status", "--by", "repository", "--today", TODAY.isoformat())
    return row["binary_files"]


@pytest.mark.fault(25)
def test_a_rule_counts_the_binary_files_that_it_admits(folder: Path, repo: Repo) -> None:
    utf16 = "\ufeffimport six\n".encode("utf-16-le")
    files = {"a.py": BINARY, "b.py": BINARY, "c.txt": BINARY, "d.bin": BINARY, "e.py": utf16}
    repo.commit("2026-02-01", {**files})
    assert counts(folder) == {"line": 2, "text": 2}
    assert rows(folder, "status", "--today", TODAY.isoformat())[0]["binary_files"] is None


def test_the_counts_follow_the_files_from_scan_to_scan(folder: Path, repo: Repo) -> None:
    repo.commit("2026-01-01", {"a.py": BINARY, "b.py": "import six\n"})
    assert counts(folder) == {"line": 1, "text": 1}
    repo.commit("2026-02-01", {"b.py": BINARY, "README": "none\n"})
    assert counts(folder) == {"line": 2, "text": 1}
    repo.commit("2026-02-02", {"a.py": "import six\n"})
    assert counts(folder) == {"line": 1}
    repo.commit("2026-02-03", {"b.py": None})
    assert counts(folder) == {}


def test_a_new_rule_counts_files_that_were_never_read(folder: Path, repo: Repo) -> None:
    repo.commit("2026-01-01", {"a.py": BINARY, "c.md": BINARY, "d.md": "six\n"})
    assert counts(folder) == {"line": 1, "text": 1}
    file = folder / "campaigns" / "six.yaml"
    rule = "  - {id: docs, scanner: regex, pattern: six, paths: ['*.md']}\n"
    file.write_text(file.read_text() + rule)
    assert counts(folder) == {"docs": 1, "line": 1, "text": 1}
    repo.commit("2026-02-01", {"d.md": BINARY})
    assert counts(folder) == {"docs": 2, "line": 1, "text": 1}


def test_a_campaign_that_lags_counts_all_of_its_files(folder: Path, repo: Repo) -> None:
    (folder / "campaigns" / "other.yaml").write_text(CAMPAIGN.replace("*.py", "*.c"))
    repo.commit("2026-01-01", {"a.py": BINARY, "b.c": BINARY})
    scan(folder, TODAY)
    repo.commit("2026-02-01", {"c.c": BINARY})
    headway(folder, "scan", "other", "--today", TODAY.isoformat())
    scan(folder, TODAY)
    found = rows(folder, "status", "--by", "repository", "--today", TODAY.isoformat())
    assert [row["binary_files"] for row in found] == [
        {"line": 2, "text": 1},
        {"line": 1, "text": 1},
    ]


def test_excluded_files_do_not_count(folder: Path, repo: Repo) -> None:
    repo.commit("2026-01-01", {"vendor/a.py": BINARY, "gen/a.py": BINARY})
    assert counts(folder) == {"line": 1, "text": 1}
    repo.commit("2026-02-01", {".gitattributes": "gen/** linguist-generated\n"})
    assert counts(folder) == {}
    repo.commit("2026-02-02", {"gen/a.py": "six\n"})
    repo.commit("2026-02-03", {".gitattributes": "vendor/** -linguist-vendored\n"})
    assert counts(folder) == {"line": 1, "text": 1}


def test_scan_prints_the_counts_in_one_line(folder: Path, repo: Repo) -> None:
    repo.commit("2026-01-01", {"a.py": BINARY, "b.py": BINARY, "c.py": "six\n"})
    shown = headway(folder, "scan", "--today", TODAY.isoformat()).stderr
    assert "do not search: six/line: 2, six/text: 1; `headway status" in shown
    repo.commit("2026-01-02", {"a.py": None, "b.py": None})
    assert "not searched" not in headway(folder, "scan", "--today", TODAY.isoformat()).stderr
