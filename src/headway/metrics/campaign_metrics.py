"""The metrics of one campaign on one day. Each metric is computed on first use."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property

from headway.metrics.burndown_series import Burndowns
from headway.metrics.campaign_delays import with_delays
from headway.metrics.campaign_forecast import (
    campaign_forecast,
    milestone_forecasts,
    team_forecasts,
)
from headway.metrics.campaign_view import CampaignView, campaign_view, milestone_members
from headway.metrics.exemption_rows import exemptions
from headway.metrics.forecast_records import CampaignForecast
from headway.metrics.owner_rows import contacts
from headway.metrics.records import ExemptionRow, Mark, RepositoryFacts, StatusRow, TeamContact
from headway.metrics.status_rows import campaign_row, milestone_rows, repository_rows, team_rows
from headway.metrics.weekly_ledger import WeeklyLedger, weekly_ledger
from headway.model.campaign import Campaign, Milestone
from headway.model.store_records import RepositoryRecord
from headway.store.store_reader import Store


class CampaignMetrics:
    """The metrics of one campaign on one day. Each metric reads the store on first use."""

    def __init__(
        self,
        store: Store,
        campaign: Campaign,
        today: date,
        repositories: Mapping[str, RepositoryRecord] | None = None,
        *,
        team_fans: bool = True,
    ) -> None:
        """Prepare the metrics without reading the store.

        Args:
            store: The store.
            campaign: The campaign.
            today: The day for which to compute the metrics.
            repositories: All repositories in the store, by key. None means that they are read on
                demand.
            team_fans: Whether to compute the fans of the teams' forecasts. This takes a long time.
        """
        self.store = store
        self.campaign = campaign
        self.today = today
        self._repositories = repositories
        self._team_fans = team_fans

    @cached_property
    def view(self) -> CampaignView:
        """The campaign today, with its repositories and their states."""
        return campaign_view(self.store, self.campaign, self.today, self._repositories)

    @cached_property
    def ledger(self) -> WeeklyLedger:
        """The ledger of the rules whose items must be fixed, summed by week."""
        return weekly_ledger(self.store, self.view)

    @cached_property
    def burndowns(self) -> Burndowns:
        return Burndowns(self.store, self.view)

    @cached_property
    def forecast(self) -> CampaignForecast:
        found = campaign_forecast(self.view, self.ledger)
        return with_delays(self.store, self.view, self.ledger, found)

    @cached_property
    def status(self) -> StatusRow:
        view = self.view
        states = [view.standings[key][1] for key in view.members]
        return campaign_row(view, self.forecast, states, view.inexact(view.members))

    @cached_property
    def repository_rows(self) -> tuple[StatusRow, ...]:
        """The status of each repository that is in scope or gone, sorted by name."""
        oldest = self.store.items.oldest_open(self.campaign.id, self.today)
        binary_files = self.store.walks.binary_files(self.campaign.id)
        return tuple(repository_rows(self.view, oldest, binary_files))

    @cached_property
    def team_forecasts(self) -> Mapping[str, CampaignForecast]:
        """The forecasts of teams, by team name."""
        return team_forecasts(self.view, self.ledger, fan=self._team_fans)

    @cached_property
    def team_rows(self) -> tuple[StatusRow, ...]:
        """The status of each team that has or had items, sorted by name."""
        return tuple(team_rows(self.view, self.team_forecasts))

    @cached_property
    def milestone_members(self) -> Mapping[Milestone, list[str]]:
        """The keys of the repositories in scope that each milestone covers."""
        return milestone_members(self.view)

    @cached_property
    def milestone_rows(self) -> tuple[StatusRow, ...]:
        """The status of each milestone, sorted by due date."""
        forecasts = milestone_forecasts(self.store, self.view, self.milestone_members)
        return tuple(milestone_rows(self.view, self.milestone_members, forecasts))

    @cached_property
    def exemptions(self) -> tuple[ExemptionRow, ...]:
        """All exemptions of the campaign, including lapsed ones."""
        return tuple(exemptions(self.store, [self.campaign], today=self.today))

    @cached_property
    def contacts(self) -> tuple[TeamContact, ...]:
        """The teams in `teams.yaml`, sorted by name."""
        return contacts(self.store)

    @cached_property
    def marks(self) -> tuple[Mark, ...]:
        """The events up to today that are marked in charts, oldest first."""
        view = self.view
        return tuple(
            Mark(
                mark.day,
                mark.kind,
                mark.description,
                view.repositories[mark.repository].listed.name if mark.repository else None,
            )
            for mark in self.store.campaigns.marks(self.campaign.id)
            if mark.day <= self.today
        )

    @cached_property
    def facts(self) -> Mapping[str, RepositoryFacts]:
        """The visibility and forge URL of each repository ever in scope, by repository key."""
        return {
            key: RepositoryFacts(listed.visibility, listed.web_url)
            for key in self.view.spans
            if (listed := self.view.repositories[key].listed)
        }
