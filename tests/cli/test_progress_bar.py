"""Progress in a log and on a terminal."""

from __future__ import annotations

import sys

import click
import pytest

from headway.cli import progress_bar as watching
from headway.cli.progress_bar import ProgressBar


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(watching, "time", made)
    return made


def test_a_log_gets_a_line_now_and_then(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressBar() as progress:
        progress.stage("reading", 1000)
        for number in range(1000):
            clock.now += 0.03125
            progress.advance(1, f"acme/{number}")
    lines = capsys.readouterr().err.splitlines()
    assert lines == [f"reading: {done} of 1,000 (acme/{done - 1})" for done in (321, 642, 963)]


def test_notes_stay_and_are_safe(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressBar() as progress:
        progress.stage("listing", None)
        progress.note("unknown: billing-api\x1b[2J: cannot be read")
    assert capsys.readouterr().err == "unknown: billing-api\\x1b[2J: cannot be read\n"


def test_on_a_terminal_one_line_is_written_over_and_gone_at_the_end(
    clock: Clock, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    with ProgressBar() as progress:
        progress.stage("reading", 3)
        clock.now += 1
        progress.advance(2, "acme/a-repository-with-a-long-name")
    said = capsys.readouterr().err
    assert "\n" not in said
    assert "reading: 2 of 3 (acme/a…" in said
    assert said.endswith("\r\x1b[K")
    assert max(len(part) for part in said.split("\r\x1b[K")) <= 39


def test_a_scan_goes_on_when_nobody_watches_any_more(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []

    def closed(*_: object, **__: object) -> None:
        told.append(1)
        raise BrokenPipeError

    monkeypatch.setattr(click, "echo", closed)
    with ProgressBar() as progress:
        progress.note("something")
    assert told
