"""Idle processes search the blobs of a large repository, and change nothing in the result."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.git import Repo
from tests.support.large_repository_scan import scanned
from tests.support.workspaces import workspace

CAMPAIGN = """title: Any
starts: 2026-01-05
deprecated:
  - {id: six, scanner: regex, pattern: '^ *import (?P<name>six|old)'}
  - {id: calls, scanner: ast, language: python, pattern: 'old($A)', paths: ['*.py']}
"""
FILES = 4


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a workspace with one repository, whose eight commits each change several files."""
    folder = workspace(tmp_path / "ws", any=CAMPAIGN)
    repo = Repo(folder / "clones" / "app")
    for day in range(1, 9):
        files: dict[str, str | bytes | None] = {
            f"{number}.py": f"import six\n# {day}\nold({day + number % 2})\n" * (day % 3)
            for number in range(FILES)
        }
        files["b.dat"] = b"import six\0%d" % day
        if day % 4 == 0:
            files[".gitattributes"] = f"{day % 4}.py linguist-generated\n"
        repo.commit(f"2026-01-{day + 3:02}", files)
    return folder


def test_helpers_change_nothing(folder: Path, tmp_path: Path) -> None:
    expected = scanned(folder, 1)
    shutil.rmtree(folder / ".headway")
    log = tmp_path / "log"
    assert scanned(folder, 3, log=log) == expected
    searches = log.read_text().split()
    assert len(set(searches[::2])) > 3
    assert sum(map(int, searches[1::2])) > 10


@pytest.mark.parametrize("action", ["die", "hang"])
def test_helpers_that_fail_change_nothing(folder: Path, tmp_path: Path, action: str) -> None:
    expected = scanned(folder, 1)
    shutil.rmtree(folder / ".headway")
    log = tmp_path / "log"
    assert scanned(folder, 2, log=log, action=action) == expected
    assert log.exists()
