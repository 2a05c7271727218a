"""The weekly changes in each repository, by campaign."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from headway.model.campaign import Campaign
from headway.store.store_reader import Store


class PastWeek(NamedTuple):
    """A week with changes in the items of a repository."""

    day: date
    """The last day of the week (inclusive), or today for the current week."""
    open: int
    """The number of open items at the end of the week."""
    flows: tuple[int, ...]
    """The changes in the open count, in the order of `FLOW_SIGNS`, excluding the baseline."""
    has_baseline: bool
    """Whether the week includes items of the baseline."""


PastWeeks = Mapping[str, tuple[PastWeek, ...]]
"""Maps each campaign ID to the weeks with changes in one repository, oldest first.

The first week includes the baseline.
"""


def past_weeks(
    store: Store, campaigns: Sequence[Campaign], repositories: Sequence[str], today: date
) -> dict[str, PastWeeks]:
    """Return the weeks with changes, by repository key and campaign ID."""
    rules = [(campaign.id, rule.id) for campaign in campaigns for rule in campaign.counted]
    past: dict[str, dict[str, tuple[PastWeek, ...]]] = defaultdict(dict)
    moved = store.ledger.weeks_by_repository(repositories, today, rules)
    for (repository, campaign), group in groupby(moved, key=itemgetter(0, 1)):
        past[repository][campaign] = tuple(
            [
                PastWeek(day, level, tuple(flows), baseline > 0)
                for _, _, day, level, baseline, *flows in group
            ]
        )
    return dict(past)
