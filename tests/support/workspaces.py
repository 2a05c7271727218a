"""Create workspaces for tests, and run Headway commands.

The commands run in the test process, without starting a new one.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from headway.cli.application import cli
from headway.config.load import load_campaigns
from headway.config.teams_file import load_teams
from headway.config.workspace import shipped_folder
from headway.forges.source import Source
from headway.forges.sources.local import LocalSource
from headway.model.limits import DEFAULT_LIMITS, Limits
from headway.plugins import load_scanners
from headway.scan.request import ScanOutcome, ScanRequest
from headway.scan.run import run_scan
from headway.store import store_reader
from headway.store.match_cache import MatchCache
from headway.store.store_reader import Store, open_store
from tests.support.definitions import SHIPPED

SIX = r"^\s*(?:import six\b|from six\b)"

REMOVE_SIX = rf"""title: Remove six
starts: 2020-01-06
deprecated:
  - id: import-six
    scanner: regex
    pattern: '{SIX}'
"""

CONFIG = '[[sources]]\ntype = "local"\npath = "clones"\n'


def workspace(folder: Path, **campaigns: str) -> Path:
    """Create a workspace that scans `folder/clones`.

    Args:
        folder: The folder of the workspace.
        campaigns: The text of each campaign file, by campaign ID with `_` in place of `-`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "headway.toml").write_text(CONFIG)
    (folder / "clones").mkdir(exist_ok=True)
    (folder / "campaigns").mkdir(exist_ok=True)
    for name, text in (campaigns or {"remove_six": REMOVE_SIX}).items():
        (folder / "campaigns" / f"{name.replace('_', '-')}.yaml").write_text(text)
    return folder


def headway(folder: Path, *arguments: str, code: int | None = 0) -> Result:
    """Run a command and check its exit code, unless `code` is None."""
    result = CliRunner().invoke(cli, ["-C", str(folder), *arguments])
    if code is not None:
        assert result.exit_code == code, result.output + repr(result.exception)
    return result


def rows(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    """Run a command with JSON output and return the rows that it prints."""
    result = headway(folder, *arguments, "--format", "json")
    parsed: list[dict[str, Any]] = json.loads(result.stdout)
    return parsed


@contextmanager
def shared_connection(folder: Path) -> Iterator[None]:
    """Let all commands in the `with` block read a workspace's store through one connection.

    Opening a store takes longer than most queries. No scan may run in the block.
    """
    shared = folder / "headway.duckdb"
    with open_store(shared) as store, pytest.MonkeyPatch.context() as patch:

        @contextmanager
        def opened(path: Path) -> Iterator[Store]:
            assert path.samefile(shared)
            yield store

        patch.setattr(store_reader, "open_store", opened)
        yield


def scan(
    folder: Path,
    today: date,
    *,
    workers: int = 1,
    limits: Limits = DEFAULT_LIMITS,
    repositories: tuple[str, ...] = (),
    source: Source | None = None,
    clock: date | None = None,
    now: Callable[[], datetime] | None = None,
    stop_at: datetime | None = None,
    scanner_folder: Path | None = None,
) -> ScanOutcome:
    """Run a scan as of `today`.

    Args:
        folder: The folder of the workspace.
        today: The day as of which the scan runs, as with `--today`.
        workers: See `ScanRequest`.
        limits: See `ScanRequest`.
        repositories: See `ScanRequest`.
        source: The source that lists the repositories; None means the `clones` folder.
        clock: The actual day on which the scan runs; None means `today`.
        now: Returns the actual time; replaces `clock`.
        stop_at: See `ScanRequest`.
        scanner_folder: A folder with scanners that replace the shipped ones, so that they run in
            this process.
    """
    day = clock or today
    folders = (scanner_folder or shipped_folder() / "scanners",)
    scanners = SHIPPED if scanner_folder is None else load_scanners(folders)
    loaded = load_campaigns(folder / "campaigns", scanners)
    assert not loaded.problems, loaded.problems
    teams = load_teams(folder)
    assert not teams.problems, teams.problems
    return run_scan(
        ScanRequest(
            campaigns=loaded.campaigns,
            scanners=scanners,
            scanner_folders=folders,
            sources=(source or LocalSource(folder / "clones", "clones"),),
            store=folder / "headway.duckdb",
            mirrors=folder / ".headway" / "mirrors",
            match_cache=MatchCache(folder / ".headway" / "matches")
            if scanner_folder is None
            else None,
            today=today,
            teams=teams.teams,
            clock=now or (lambda: datetime(day.year, day.month, day.day, 3, tzinfo=UTC)),
            workers=workers,
            limits=limits,
            repositories=repositories,
            stop_at=stop_at,
            allow_loopback_http=source is not None,
        )
    )


def open_at(
    items: list[dict[str, Any]], chain: list[str]
) -> dict[str, Counter[tuple[str, str, str]]]:
    """Return the items that are open at each commit of a chain.

    Args:
        items: The rows of `headway items --state all`.
        chain: The commit IDs, oldest first.

    Returns:
        The (rule, repository, text) of each open item, by commit ID.
    """
    index_of = {commit: number for number, commit in enumerate(chain)}
    open_items: dict[str, Counter[tuple[str, str, str]]] = {}
    for number, commit in enumerate(chain):
        open_items[commit] = Counter(
            (item["rule"], item["repository"], _text_at(item, number, index_of))
            for item in items
            if index_of[item["opened_commit"]] <= number
            and (item["closed_commit"] is None or number < index_of[item["closed_commit"]])
        )
    return open_items


def _text_at(item: dict[str, Any], number: int, index_of: Mapping[str, int]) -> str:
    """Return an item's text at a commit, before any later edits."""
    texts = [text["text"] for text in item["texts"] if index_of[text["commit"]] <= number]
    last: str = texts[-1]
    return last
