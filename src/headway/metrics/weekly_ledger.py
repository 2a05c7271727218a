"""The weekly ledger of a campaign, on which the campaign's forecasts are based."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from headway.metrics.campaign_view import CampaignView
from headway.model.store_records import LedgerEntry
from headway.progress.weekly_history import History, history_of
from headway.store.store_reader import Store

Opened = tuple[str, date, int]
"""(Team, week, change in the number of repositories with open items)."""


class WeeklyLedger(NamedTuple):
    """The changes up to today in the items that must be fixed."""

    entries: Sequence[LedgerEntry]
    opened: Sequence[Opened] | None = None
    """The changes in the number of repositories with open items. None if `entries` are not summed
    over repositories.
    """
    opened_by_team: Sequence[Opened] | None = None

    def of_team(self, team: str) -> WeeklyLedger:
        """Return the part of the ledger for one team."""
        opened = self.opened_by_team
        return WeeklyLedger(
            [entry for entry in self.entries if entry.team == team],
            None if opened is None else [row for row in opened if row[0] == team],
        )

    def history(self, view: CampaignView) -> History:
        """Return the weekly history that forecasts are based on."""
        return history_of(
            ((entry.repository, entry.day, entry.movement) for entry in self.entries),
            view.first_day,
            view.today,
            None if self.opened is None else [(day, change) for _, day, change in self.opened],
        )


def weekly_ledger(
    store: Store,
    view: CampaignView,
    repositories: Sequence[str] | None = None,
    *,
    by_team: bool = True,
) -> WeeklyLedger:
    """Read the weekly ledger, summed over repositories.

    Args:
        store: The store.
        view: The campaign.
        repositories: The keys of the repositories to include. None means all repositories.
        by_team: Whether to count each team separately.
    """
    campaign, today = view.campaign.id, view.today
    rules = [rule for rule in view.terms if view.is_counted(rule)]
    read = store.ledger.open_repositories_by_week
    entries = store.ledger.entries_by_week(
        campaign, today, by_team=by_team, repositories=repositories
    )
    return WeeklyLedger(
        [entry for entry in entries if view.is_counted(entry.rule)],
        read(campaign, today, rules, repositories=repositories),
        read(campaign, today, rules, by_team=True, repositories=repositories) if by_team else None,
    )
