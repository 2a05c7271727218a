"""Idle processes search the blobs of a large repository, and change nothing in the result."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from headway.scan import job_runner, search_ahead
from headway.scan.blobs_to_read import Work
from headway.scan.known_matches import KnownMatches
from headway.scan.search_ahead import SearchAhead
from tests.support.git import Repo
from tests.support.workspaces import rows, scan, workspace

TODAY = date(2026, 6, 1)
CAMPAIGN = """title: Any
starts: 2026-01-05
deprecated:
  - {id: six, scanner: regex, pattern: '^ *import (?P<name>six|old)'}
  - {id: calls, scanner: ast, language: python, pattern: 'old($A)', paths: ['*.py']}
"""
FILES = 4


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository that counts as large, whose groups of commits change a few files."""
    monkeypatch.setattr(job_runner, "_LARGE_BYTES", 0)
    monkeypatch.setattr(search_ahead, "_WINDOW", 3)
    monkeypatch.setattr(search_ahead, "_FEWEST_BLOBS", 1)
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


def state(folder: Path, workers: int) -> object:
    for file in folder.glob("headway.duckdb*"):
        shutil.rmtree(file) if file.is_dir() else file.unlink()
    outcome = scan(folder, TODAY, workers=workers)
    items = rows(folder, "items", "--state", "all")
    return items, rows(folder, "status", "--by", "repository"), outcome.blobs


Begin = Callable[[SearchAhead, KnownMatches, Work], None]


def watch_helpers(monkeypatch: pytest.MonkeyPatch, log: Path, act: Begin | None = None) -> None:
    """Count the blobs that helpers search, and let them run `act` first."""
    search = SearchAhead._search

    def watched(self: SearchAhead, known: KnownMatches, work: Work) -> None:
        with log.open("a") as file:
            file.write(f"{os.getpid()} {len(work)}\n")
        if act is not None:
            act(self, known, work)
        search(self, known, work)

    monkeypatch.setattr(SearchAhead, "_search", watched)


def test_helpers_change_nothing(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = state(folder, 1)
    shutil.rmtree(folder / ".headway")
    log = tmp_path / "log"
    watch_helpers(monkeypatch, log)
    assert state(folder, 3) == expected
    searches = log.read_text().split()
    assert len(set(searches[::2])) > 3
    assert sum(map(int, searches[1::2])) > 10


def _die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _hang(*_: object) -> None:
    signal.pause()


@pytest.mark.parametrize("act", [_die, _hang])
def test_helpers_that_fail_change_nothing(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, act: Begin
) -> None:
    expected = state(folder, 1)
    shutil.rmtree(folder / ".headway")
    walk = SearchAhead._begin

    def without_part(
        self: SearchAhead, plan: Callable[[], Work], *, take_part: bool = False
    ) -> None:
        walk(self, plan)

    # Only the helpers fail. The walk, which searches a part of the first group, does not.
    monkeypatch.setattr(SearchAhead, "_begin", without_part)
    monkeypatch.setattr(search_ahead, "_SHARE_WITH_ONE_HELPER", 0.0)
    monkeypatch.setattr(search_ahead, "_longest_wait", lambda _: 0.1)
    watch_helpers(monkeypatch, tmp_path / "log", act)
    assert state(folder, 2) == expected
    assert (tmp_path / "log").exists()
