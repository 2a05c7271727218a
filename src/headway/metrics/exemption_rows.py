"""Exemptions of campaigns, with the number of items that they cover and their last days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache

from headway.metrics.records import ExemptionRow
from headway.model.campaign import Campaign
from headway.model.scope import name_matches
from headway.model.store_records import ExemptionRecord
from headway.progress.exemptions import ExemptionPeriod, exemption_periods_for
from headway.store.exemption_tables import exemption_period_of
from headway.store.store_reader import Store

WARN_BEFORE = timedelta(days=14)
"""Headway warns of exemptions that lapse within this period."""


def exemption_periods_on(store: Store, campaign: str, day: date) -> list[ExemptionPeriod]:
    """Return the exemptions that are in force on `day`."""
    periods = [exemption_period_of(record) for record in store.exemptions.records(campaign)]
    return [period for period in periods if period.span.covers(day)]


def is_exempt(periods: tuple[ExemptionPeriod, ...], repository: str, rule: str, path: str) -> bool:
    """Return whether an exemption covers an item in the repository with this name."""
    return bool(periods) and any(
        period.covers(rule, path) for period in _periods_of(periods, repository)
    )


# A small cache is enough, because callers process items repository by repository.
@lru_cache(maxsize=1024)
def _periods_of(periods: tuple[ExemptionPeriod, ...], repository: str) -> list[ExemptionPeriod]:
    return exemption_periods_for(periods, repository)


def exemptions(store: Store, campaigns: Sequence[Campaign], *, today: date) -> list[ExemptionRow]:
    """Return exemptions sorted by last day. Exemptions in force come before lapsed ones."""
    rows = []
    for campaign in campaigns:
        latest = {record.id: record for record in store.exemptions.records(campaign.id)}
        covered = _covered(store, campaign, today, latest) if latest else {}
        for name, record in latest.items():
            holds = exemption_period_of(record).span.covers(today)
            last = record.last_day
            rows.append(
                ExemptionRow(
                    campaign=campaign.id,
                    reason=record.reason,
                    approved_by=record.approved_by,
                    repositories=record.repositories,
                    paths=record.paths,
                    rules=record.rules,
                    since=record.first_day,
                    until=last,
                    state="in force" if holds else "lapsed",
                    items=covered[name],
                    days_left=(last - today).days if holds else None,
                )
            )
    return sorted(rows, key=lambda row: (row.state, row.until, row.campaign, row.reason))


def exemption_warnings(rows: Sequence[ExemptionRow]) -> list[str]:
    """Return a warning for each exemption that lapses soon or covers no items."""
    warnings = []
    for row in rows:
        if row.state != "in force":
            continue
        name = f'{row.campaign}: the exemption "{row.reason}"'
        items = f"{row.items:,} item{'' if row.items == 1 else 's'}"
        if not row.items:
            warnings.append(f"{name} covers no unfixed items; remove it or correct its patterns")
        elif row.days_left is not None and row.days_left <= WARN_BEFORE.days:
            warnings.append(f"{name} lapses after {row.until}; {items} will be open again")
    return warnings


def _covered(
    store: Store, campaign: Campaign, day: date, records: Mapping[str, ExemptionRecord]
) -> dict[str, int]:
    """Return the number of unfixed items that each exemption covers."""
    names = store.repositories.names()
    members = store.scope.members(campaign.id, day)
    periods = {name: exemption_period_of(record) for name, record in records.items()}
    repositories_of = {
        name: {key for key in members if name_matches(record.repositories, names[key])}
        for name, record in records.items()
    }
    counted = {rule.id for rule in campaign.counted}
    covered = dict.fromkeys(records, 0)
    for key, rule, path, count in store.items.open_places(
        campaign.id, day, set().union(*repositories_of.values())
    ):
        for name, period in periods.items() if rule in counted else ():
            if key in repositories_of[name] and period.covers(rule, path):
                covered[name] += count
    return covered
