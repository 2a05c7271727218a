"""The chart of captured values combines values at zero, and names their replacements."""

from __future__ import annotations

from datetime import date, timedelta

from headway.metrics.records import SeriesPoint
from headway.model.campaign import Role
from headway.site.charts.capture_chart import capture_chart

DAYS = [date(2026, 1, 4) + timedelta(weeks=number) for number in range(3)]


def line(value: str | None, *counts: int, role: Role = "deprecated") -> list[SeriesPoint]:
    return [
        SeriesPoint("django", None, "version", role, value, day, count, 0, 0, 1)
        for day, count in zip(DAYS, counts, strict=True)
    ]


def test_values_at_zero_share_a_band() -> None:
    lines = [
        line("1.8", 4, 2, 0),
        line("1.11", 3, 0, 0),
        line("2.2", 9, 8, 7),
        line("5.0", 0, 5, 1_200, role="required"),
    ]
    drawn = capture_chart("Django 5", "version", lines)
    assert drawn.chart.names == ("2 values at zero", "2.2", "5.0 (required)")
    assert drawn.chart.rows[-1].values == (7, 9, 0)
    assert drawn.text == (
        "Deprecated: 7 items: 2.2 (7). At zero: 1.8, 1.11. In their place: 1,200 items: "
        "5.0 (1,200)."
    )


def test_a_single_value_at_zero_keeps_its_name() -> None:
    drawn = capture_chart("Django 5", "version", [line("1.8", 4, 2, 0), line(None, 9, 8, 7)])
    assert drawn.chart.names == ("1.8", "others")
    assert drawn.text == (
        "Deprecated: 7 items: others (7). At zero: 1.8. No rule of the campaign captures the "
        "values that replace them."
    )


def test_long_lists_of_values_are_cut() -> None:
    lines = [line(f"{number}.0", 1, 1, number) for number in range(1, 7)]
    text = capture_chart("Django 5", "version", lines).text
    assert text.startswith("Deprecated: 21 items: 6.0 (6), 5.0 (5), 4.0 (4), 3.0 (3) and 2 more")
