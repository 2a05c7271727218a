"""The file watcher reports new, changed and deleted files once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest

from headway.cli.file_watcher import changes
from headway.cli.report_command import watched_paths
from headway.cli.session import Session
from headway.config.load import LoadedCampaigns
from headway.config.workspace import find_workspace
from headway.forges.source_registry import load_source_types
from headway.plugins import load_scanners


class StopError(Exception):
    """Raised to end the endless iteration of `changes`."""


def reported(paths: Sequence[Path], steps: list[Callable[[], object]]) -> list[str]:
    """Run one step before each poll, and return the names of the reported files."""
    waiting = iter(steps)

    def wait() -> None:
        step = next(waiting, None)
        if step is None:
            raise StopError
        step()

    names: list[str] = []
    with pytest.raises(StopError):
        names.extend(path.name for path in changes(paths, wait))
    return names


def test_new_changed_and_deleted_files_are_reported_once(tmp_path: Path) -> None:
    folder, file = tmp_path / "reports", tmp_path / "headway.toml"
    inside = folder / "a" / "index.html"
    inside.parent.mkdir(parents=True)
    steps: list[Callable[[], object]] = [
        lambda: None,
        lambda: inside.write_text("1"),
        lambda: None,
        lambda: file.write_text("x"),
        lambda: inside.write_text("longer"),
        inside.unlink,
    ]
    assert reported([folder, file], steps) == [
        "index.html",
        "headway.toml",
        "index.html",
        "index.html",
    ]


def test_the_first_template_in_a_new_folder_is_reported(tmp_path: Path) -> None:
    (tmp_path / "headway.toml").write_text("")
    workspace = find_workspace(tmp_path, load_source_types)
    opened = Session(workspace, load_scanners([]), LoadedCampaigns((), ()), (), date(2026, 1, 1))
    reports = tmp_path / "reports"
    steps: list[Callable[[], object]] = [
        reports.mkdir,
        lambda: (reports / "layout.html").write_text(""),
    ]
    assert reported(watched_paths(opened), steps) == ["layout.html"]
