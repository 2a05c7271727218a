"""The effects of a scan: the open items of each campaign, and their changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from headway.metrics.attention.attention_records import Moves
from headway.metrics.attention.ledger_summary import moves_of
from headway.metrics.campaign_view import bare_view
from headway.model.campaign import Campaign
from headway.store.store_reader import Store


@dataclass(frozen=True, slots=True)
class ScanChanges:
    """The open items of one campaign after a scan, and the changes since the previous one."""

    campaign: str
    since: date
    """The day of the previous scan, or the day before the campaign's first day. Changes on this day
    are not included.
    """
    first: bool
    """Whether the campaign was first scanned today."""
    moves: Moves
    open_repositories: int
    """The number of repositories with open items."""


def scan_changes(store: Store, campaigns: Sequence[Campaign], today: date) -> list[ScanChanges]:
    """Return the changes of each campaign since the last scan before today.

    For a campaign that was first scanned today, the changes are those since its first day.
    Campaigns that start after today are omitted.
    """
    return list(_changes(store, campaigns, today))


def _changes(store: Store, campaigns: Sequence[Campaign], today: date) -> Iterator[ScanChanges]:
    earlier = store.scans.last_before(today)
    for campaign in campaigns:
        view = bare_view(store, campaign, today)
        if view.is_early:
            continue
        record = view.record
        first = earlier is None or record is None or record.first_scanned_on >= today
        since = view.first_day - timedelta(days=1) if first or earlier is None else earlier
        totals = store.ledger.totals(campaign.id, today)
        entries = store.ledger.changes_by_rule(campaign.id, today, since + timedelta(days=1))
        moves = moves_of(
            (total for total in totals if view.is_counted(total.rule)),
            (entry for entry in entries if view.is_counted(entry.rule)),
        )
        counted = [rule for rule in view.terms if view.is_counted(rule)]
        repositories = store.ledger.open_repositories(campaign.id, today, counted)
        yield ScanChanges(campaign.id, since, first, moves, len(repositories))
