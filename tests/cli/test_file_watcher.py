"""Noticing that a file changed."""

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
    """Ends the looking."""


def seen(paths: Sequence[Path], steps: list[Callable[[], object]]) -> list[str]:
    """What is told when one step is taken between two looks."""
    waiting = iter(steps)

    def wait() -> None:
        step = next(waiting, None)
        if step is None:
            raise StopError
        step()

    told: list[str] = []
    with pytest.raises(StopError):
        told.extend(path.name for path in changes(paths, wait))
    return told


def test_what_is_new_changed_or_gone_is_told_once(tmp_path: Path) -> None:
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
    assert seen([folder, file], steps) == ["index.html", "headway.toml", "index.html", "index.html"]


def test_a_first_template_of_ones_own_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "headway.toml").write_text("")
    workspace = find_workspace(tmp_path, load_source_types)
    opened = Session(workspace, load_scanners([]), LoadedCampaigns((), ()), (), date(2026, 1, 1))
    own = tmp_path / "reports"
    steps: list[Callable[[], object]] = [own.mkdir, lambda: (own / "layout.html").write_text("")]
    assert seen(watched_paths(opened), steps) == ["layout.html"]
