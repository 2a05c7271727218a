"""The tables of a campaign: its weekly series by team, by rule and by captured value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from headway.metrics.change_records import Change
from headway.metrics.forecast_records import PastForecastRow
from headway.metrics.records import (
    BurndownPoint,
    CampaignReport,
    ExemptionRow,
    Mark,
    SeriesPoint,
    StatusRow,
)
from headway.model.movement import Flows

_Series = Mapping[str, Sequence[BurndownPoint]]


@dataclass(slots=True, kw_only=True)
class RuleWeek(Flows):
    """The counts of one rule in one week. `BurndownPoint` describes the fields."""

    campaign: str
    rule: str
    date: date
    open: int
    exempt: int
    fixed_total: int
    completion: float | None
    coverage: float | None
    inexact: bool


_SHARED = tuple(column.name for column in fields(RuleWeek) if column.name != "rule")


def campaign_tables(report: CampaignReport) -> Iterator[tuple[str, type, Iterable[object]]]:
    """Yield the tables of a campaign, except the open items, as (name, record type, rows)."""
    yield from (
        ("repositories", StatusRow, report.repositories),
        ("teams", StatusRow, report.teams),
        ("burndown", BurndownPoint, report.days),
        ("weeks-by-team", BurndownPoint, by_week(report.team_weeks)),
        ("weeks-by-team-then", BurndownPoint, by_week(report.team_weeks_then)),
        ("weeks-by-rule", RuleWeek, rules_by_week(report.rule_weeks)),
        ("captures", SeriesPoint, captures_by_week(report.capture_series)),
        ("marks", Mark, report.marks),
        ("changes", Change, report.changes),
        ("milestones", StatusRow, report.milestones),
        ("exemptions", ExemptionRow, report.exemptions),
        ("forecasts", PastForecastRow, report.record.told),
    )


def by_week(parts: _Series) -> Iterator[BurndownPoint]:
    """Yield the rows of all teams by date, oldest first. All teams must have the same dates."""
    for points in zip(*parts.values(), strict=True):
        yield from points


def rules_by_week(parts: _Series) -> Iterator[RuleWeek]:
    """Yield the rows of all rules by date, oldest first, with the rule's ID in each row."""
    for points in zip(*parts.values(), strict=True):
        for rule, point in zip(parts, points, strict=True):
            shared: dict[str, Any] = {name: getattr(point, name) for name in _SHARED}
            yield RuleWeek(rule=rule, **shared)


def captures_by_week(
    capture_series: Mapping[str, Sequence[Sequence[SeriesPoint]]],
) -> Iterator[SeriesPoint]:
    """Yield the rows of each capture in turn, by date, oldest first."""
    for lines in capture_series.values():
        for points in zip(*lines, strict=True):
            yield from points
