"""What several answers about one campaign on one day rest on, each of it found once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property

from headway.metrics.burndown_series import Burndowns
from headway.metrics.campaign_forecast import (
    booked_by_week,
    campaign_forecast,
    milestone_forecasts,
    team_forecasts,
)
from headway.metrics.campaign_view import CampaignView, campaign_view, milestone_members
from headway.metrics.exemption_rows import exemptions
from headway.metrics.owner_rows import contacts
from headway.metrics.records import (
    CampaignForecast,
    ExemptionRow,
    Mark,
    RepositoryFacts,
    StatusRow,
    TeamContact,
)
from headway.metrics.status_rows import campaign_row, milestone_rows, repository_rows, team_rows
from headway.model.campaign import Campaign, Milestone
from headway.model.store_records import LedgerEntry, RepositoryRecord
from headway.store.store_reader import Store


class CampaignMetrics:
    """One campaign on one day. Nothing is read before somebody asks for it.

    repositories: all that the store has, for whoever has read them already.
    """

    def __init__(
        self,
        store: Store,
        campaign: Campaign,
        today: date,
        repositories: Mapping[str, RepositoryRecord] | None = None,
    ) -> None:
        self.store = store
        self.campaign = campaign
        self.today = today
        self._repositories = repositories

    @cached_property
    def view(self) -> CampaignView:
        """What is in its scope, and how that stands."""
        return campaign_view(self.store, self.campaign, self.today, self._repositories)

    @cached_property
    def booked(self) -> list[LedgerEntry]:
        """What every team moved in every week, as `booked_by_week` gives it."""
        return booked_by_week(self.store, self.view)

    @cached_property
    def burndowns(self) -> Burndowns:
        """Its series."""
        return Burndowns(self.store, self.view)

    @cached_property
    def forecast(self) -> CampaignForecast:
        """Of the whole."""
        return campaign_forecast(self.view, self.booked)

    @cached_property
    def status(self) -> StatusRow:
        """Of the whole."""
        view = self.view
        states = [view.standings[key][1] for key in view.members]
        return campaign_row(view, self.forecast, states, view.coverage(self.today))

    @cached_property
    def repository_rows(self) -> tuple[StatusRow, ...]:
        """As `rows.repository_rows` gives them."""
        oldest = self.store.items.oldest_open(self.campaign.id, self.today)
        return tuple(repository_rows(self.view, oldest))

    @cached_property
    def team_forecasts(self) -> Mapping[str, CampaignForecast]:
        """By team."""
        return team_forecasts(self.view, self.booked)

    @cached_property
    def team_rows(self) -> tuple[StatusRow, ...]:
        """As `rows.team_rows` gives them."""
        return tuple(team_rows(self.view, self.team_forecasts))

    @cached_property
    def milestone_members(self) -> Mapping[Milestone, list[str]]:
        """As `view.milestone_members` gives them."""
        return milestone_members(self.view)

    @cached_property
    def milestone_rows(self) -> tuple[StatusRow, ...]:
        """As `rows.milestone_rows` gives them."""
        forecasts = milestone_forecasts(self.store, self.view, self.milestone_members)
        return tuple(milestone_rows(self.view, self.milestone_members, forecasts))

    @cached_property
    def exemptions(self) -> tuple[ExemptionRow, ...]:
        """All that it has or had."""
        return tuple(exemptions(self.store, [self.campaign], today=self.today))

    @cached_property
    def contacts(self) -> tuple[TeamContact, ...]:
        """The teams of `teams.yaml`, by name."""
        return contacts(self.store)

    @cached_property
    def marks(self) -> tuple[Mark, ...]:
        """Whatever is marked up to today, oldest first."""
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
        """By key, of every repository that was ever in its scope."""
        return {
            key: RepositoryFacts(listed.visibility, listed.web_url)
            for key in self.view.spans
            if (listed := self.view.repositories[key].listed)
        }
