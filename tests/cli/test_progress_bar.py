"""Progress is a bar on a terminal and occasional lines in a log."""

from __future__ import annotations

import sys

import click
import pytest

from headway.cli import progress_bar
from headway.cli.progress_bar import ProgressBar


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    fake = Clock()
    monkeypatch.setattr(progress_bar, "time", fake)
    return fake


def test_a_log_gets_an_occasional_line(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressBar() as progress:
        progress.stage("reading", 1000)
        for number in range(1000):
            clock.now += 0.03125
            progress.advance(1, f"acme/{number}")
    lines = capsys.readouterr().err.splitlines()
    assert lines == [f"reading: {done} of 1,000 (acme/{done - 1})" for done in (321, 642, 963)]


def test_notes_are_escaped(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressBar() as progress:
        progress.stage("listing", None)
        progress.note("unknown: billing-api\x1b[2J: cannot be read")
    assert capsys.readouterr().err == "unknown: billing-api\\x1b[2J: cannot be read\n"


def test_a_terminal_shows_one_line_that_is_erased_at_the_end(
    clock: Clock, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    with ProgressBar() as progress:
        progress.stage("reading", 3)
        clock.now += 1
        progress.advance(2, "acme/a-repository-with-a-long-name")
    output = capsys.readouterr().err
    assert "\n" not in output
    assert "reading: 2 of 3 (acme/a…" in output
    assert output.endswith("\r\x1b[K")
    assert max(len(part) for part in output.split("\r\x1b[K")) <= 39


def test_a_closed_standard_error_does_not_stop_the_command(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def closed(*_: object, **__: object) -> None:
        calls.append(1)
        raise BrokenPipeError

    monkeypatch.setattr(click, "echo", closed)
    with ProgressBar() as progress:
        progress.note("something")
    assert calls


def test_a_stage_without_work_is_not_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with ProgressBar() as progress:
        progress.stage("reading", 3)
        progress.stage("writing the ledger", 0)
    assert capsys.readouterr().err == "\r\x1b[Kreading: 0 of 3\r\x1b[K"
