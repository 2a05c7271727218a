"""The weeks behind a campaign's charts by team and by rule, as rows of tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from headway.answers.records import BurndownPoint

_Series = Mapping[str, Sequence[BurndownPoint]]


@dataclass(frozen=True, slots=True)
class RuleWeek:
    """One week of one rule; all but `rule` as in `BurndownPoint`."""

    campaign: str
    rule: str
    date: date
    open: int
    exempt: int
    fixed_total: int
    completion: float | None
    coverage: float | None
    new: int
    regressed: int
    entered: int
    lapsed: int
    fixed: int
    left: int
    exempted: int


def by_week(parts: _Series) -> Iterator[BurndownPoint]:
    """Each date with every part, oldest first; all parts have the same dates."""
    for points in zip(*parts.values(), strict=True):
        yield from points


def rules_by_week(parts: _Series) -> Iterator[RuleWeek]:
    """The same for rules, each by its name."""
    names = list(parts)
    for points in zip(*parts.values(), strict=True):
        for rule, point in zip(names, points, strict=True):
            yield RuleWeek(
                campaign=point.campaign,
                rule=rule,
                date=point.date,
                open=point.open,
                exempt=point.exempt,
                fixed_total=point.fixed_total,
                completion=point.completion,
                coverage=point.coverage,
                new=point.new,
                regressed=point.regressed,
                entered=point.entered,
                lapsed=point.lapsed,
                fixed=point.fixed,
                left=point.left,
                exempted=point.exempted,
            )
