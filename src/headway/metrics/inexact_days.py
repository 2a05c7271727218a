"""Find the days on which unreadable versions of files make numbers inexact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from headway.metrics.records import InexactDays
from headway.model.days import ONE_DAY
from headway.model.store_records import GapSpan


def inexact_days(spans: Iterable[GapSpan], first: date, today: date) -> tuple[InexactDays, ...]:
    """Return the runs of days on which a gap was open or ended, oldest first.

    Changes during a gap count on the day of the next version, so that day is also inexact.

    Args:
        spans: The gaps.
        first: The first day of the campaign. Earlier days are omitted.
        today: The last day.
    """
    runs: list[tuple[date, date, list[GapSpan]]] = []
    for begin, end, span in sorted(_clipped(spans, first, today), key=lambda entry: entry[:2]):
        if runs and begin <= runs[-1][1] + ONE_DAY:
            earlier_begin, earlier_end, members = runs[-1]
            runs[-1] = earlier_begin, max(earlier_end, end), [*members, span]
        else:
            runs.append((begin, end, [span]))
    return tuple(
        InexactDays(
            begin,
            end,
            sum(span.versions for span in members),
            len({span.repository for span in members}),
        )
        for begin, end, members in runs
    )


def _clipped(
    spans: Iterable[GapSpan], first: date, today: date
) -> Iterator[tuple[date, date, GapSpan]]:
    for span in spans:
        begin = max(span.opened_on, first)
        end = today if span.closed_on is None else min(span.closed_on, today)
        if begin <= end:
            yield begin, end, span
