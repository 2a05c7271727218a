"""What happened in repositories: the weeks in which something moved, of every campaign."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from headway.model.campaign import Campaign
from headway.model.movement import Movement
from headway.store.store_reader import Store


class PastWeek(NamedTuple):
    """One week in which something moved in one repository.

    day: its last day, or today in the running one. open: items at its end.
    """

    day: date
    open: int
    moved: Movement


PastWeeks = Mapping[str, tuple[PastWeek, ...]]
"""Campaign to its weeks, oldest first; the first one has what was there when it began."""


def past_weeks(
    store: Store, campaigns: Sequence[Campaign], repositories: Sequence[str], today: date
) -> dict[str, PastWeeks]:
    """Repository to what moved in it, by their keys."""
    rules = [(each.id, rule.id) for each in campaigns for rule in each.deprecated]
    past: dict[str, dict[str, tuple[PastWeek, ...]]] = defaultdict(dict)
    moved = store.ledger.weeks_by_repository(repositories, today, rules)
    for (repository, campaign), its in groupby(moved, key=itemgetter(0, 1)):
        level, weeks = 0, []
        for _, _, day, movement in its:
            level += movement.open_change
            weeks.append(PastWeek(day, level, movement))
        past[repository][campaign] = tuple(weeks)
    return dict(past)
