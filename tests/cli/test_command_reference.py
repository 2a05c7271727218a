"""docs/commands.md contains the current help texts of all commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from headway.cli.command_reference import reference

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == reference(), "run `python3 tasks.py docs`"


def test_the_page_does_not_depend_on_the_terminal_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    assert PAGE.read_text("utf-8") == reference()
