"""What happened in repositories: the weeks in which something moved, of every campaign."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date

from headway.definition.campaign import Campaign
from headway.progress.ledger import Movement
from headway.store.reading import Reader


@dataclass(frozen=True, slots=True)
class PastWeek:
    """One week in which something moved in one repository.

    day: its last day, or today in the running one. open: items at its end.
    """

    day: date
    open: int
    moved: Movement


PastWeeks = Mapping[str, tuple[PastWeek, ...]]
"""Campaign to its weeks, oldest first; the first one has what was there when it began."""


def past_weeks(
    store: Reader, campaigns: Sequence[Campaign], repositories: Sequence[str], today: date
) -> dict[str, PastWeeks]:
    """Repository to what moved in it, by their keys."""
    deprecated = {(each.id, rule.id) for each in campaigns for rule in each.deprecated}
    moved: dict[str, dict[str, dict[date, Movement]]] = defaultdict(dict)
    for repository, campaign, rule, day, movement in store.moved_in(repositories, today):
        if (campaign, rule) in deprecated:
            days = moved[repository].setdefault(campaign, {})
            days[day] = _sum(days[day], movement) if day in days else movement
    return {
        repository: {campaign: _weeks(days) for campaign, days in its.items()}
        for repository, its in moved.items()
    }


def _sum(one: Movement, other: Movement) -> Movement:
    return Movement(
        *(getattr(one, each.name) + getattr(other, each.name) for each in fields(Movement))
    )


def _weeks(days: Mapping[date, Movement]) -> tuple[PastWeek, ...]:
    weeks, level = [], 0
    for day in sorted(days):
        level += days[day].open_change
        weeks.append(PastWeek(day, level, days[day]))
    return tuple(weeks)
