"""Sentences about versions of files that could not be read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from headway.metrics.records import InexactDays
from headway.wording.formats import day as long_day
from headway.wording.formats import plural

_MOST_RUNS = 3


def inexact_numbers(
    runs: Sequence[InexactDays], date_text: Callable[[date], str] = long_day
) -> str:
    """Return a clause about the days with inexact numbers, or an empty string.

    For example, `numbers from 1 Feb 2026 to 2 Feb 2026 are not exact: 1 version of a file could not
    be read`.

    Args:
        runs: The days, oldest first.
        date_text: Formats a date.
    """
    if not runs:
        return ""
    texts = [_days(run, date_text) for run in runs[-_MOST_RUNS:]]
    if len(runs) > _MOST_RUNS:
        texts.insert(0, f"in {plural(len(runs) - _MOST_RUNS, 'earlier period')}")
    days = texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
    versions = plural(sum(run.versions for run in runs), "version of a file", "versions of files")
    return f"numbers {days} are not exact: {versions} could not be read"


def _days(run: InexactDays, date_text: Callable[[date], str]) -> str:
    if run.first == run.last:
        return f"of {date_text(run.first)}"
    return f"from {date_text(run.first)} to {date_text(run.last)}"
