"""Read a campaign's changes during a period from the store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import date

from headway.metrics.attention.actions_needed import needs
from headway.metrics.attention.attention_records import (
    Attention,
    DeadRepository,
    Due,
    MilestoneNews,
    Moves,
    ScopeChange,
    StalledTeam,
    TeamAttention,
    Unseen,
)
from headway.metrics.attention.contributions import Step, movers, regressions, steps_of, works_of
from headway.metrics.attention.coverage_changes import scope_changes, unseen
from headway.metrics.attention.deadlines import (
    earliest_milestones,
    milestone_news,
    next_due,
    with_due_dates,
)
from headway.metrics.attention.inactivity import (
    DEAD_AFTER,
    dead_repositories,
    main_owners,
    open_by_team,
    quiet_teams,
    stalled_teams,
)
from headway.metrics.attention.ledger_summary import moves_by, moves_of, with_transfers
from headway.metrics.campaign_metrics import CampaignMetrics
from headway.metrics.campaign_status import counted_status
from headway.metrics.campaign_view import campaign_view, milestone_members
from headway.metrics.exemption_rows import WARN_BEFORE
from headway.metrics.forecast_records import CampaignForecast
from headway.metrics.records import ExemptionRow, StatusRow
from headway.metrics.status_rows import milestone_rows
from headway.model.days import ONE_DAY
from headway.store.exemption_tables import exemption_period_of


def attention(metrics: CampaignMetrics, since: date) -> Attention:
    """Collect the changes in a period, their causes, and who must act.

    Args:
        metrics: The campaign's metrics on the last day of the period.
        since: The first day of the period, unless the campaign starts later.
    """
    found = _Period(metrics, since).attention()
    return replace(found, needs=needs(found))


class _Period:
    """The data of a campaign in a period."""

    def __init__(self, metrics: CampaignMetrics, since: date) -> None:
        self.metrics = metrics
        self.store, self.campaign = metrics.store, metrics.campaign
        self.view, self.today = metrics.view, metrics.today
        self.first = first = min(max(since, self.view.first_day), self.today)
        self.rules = [rule.id for rule in self.campaign.counted]
        self.names = {key: record.listed.name for key, record in self.view.repositories.items()}
        self.totals_by_repository = [
            row for row in self.view.totals_by_repository if self.view.is_counted(row.rule)
        ]
        self.entries = [
            entry
            for entry in self.store.ledger.entries(self.campaign.id, self.today, first)
            if self.view.is_counted(entry.rule)
        ]
        self.steps = self._steps()
        self.by_repository = self._by_repository()
        self.by_team = with_transfers(
            moves_by(self.totals_by_repository, self.entries, lambda row: row.team),
            self.store.ledger.transfers_by_team(self.campaign.id, first, self.today, self.rules),
        )
        self.held = open_by_team(self.totals_by_repository, self.names)
        self.stalled = self._stalled()
        # A campaign has no status before its first day.
        self.began = first <= self.view.first_day

    def attention(self) -> Attention:
        """Return the record of the changes. Its `needs` are still empty."""
        metrics, campaign, view, first = self.metrics, self.campaign, self.view, self.first
        before, forecast_before = self._before()
        added, removed = self._scope_changes()
        exemptions = metrics.exemptions
        return Attention(
            campaign=campaign.id,
            title=campaign.title,
            owner=campaign.owner,
            guide=campaign.guide,
            first=first,
            last=self.today,
            scanned_on=view.record.last_scanned_on if view.record else None,
            status=metrics.status,
            before=before,
            forecast=metrics.forecast,
            forecast_before=forecast_before,
            moves=moves_of(self.totals_by_repository, self.entries),
            open_repositories=sum(
                1 for key in view.members if view.standings[key][0].holdings.open
            ),
            incomplete=tuple(
                self.names[key] for key in view.members if view.standings[key][1] == "incomplete"
            ),
            repositories=movers(
                self.by_repository, self.steps, lambda step: step.listed.key, self.names
            ),
            teams=movers(self.by_team, self.steps, lambda step: step.team),
            team_parts=self._team_parts(),
            regressions=regressions(self.steps, self.today),
            scope_added=added,
            scope_removed=removed,
            stalled=self.stalled,
            dead=self._dead(),
            lapsing=tuple(row for row in exemptions if _lapses_soon(row)),
            lapsed=tuple(row for row in exemptions if _lapsed_since(row, first)),
            granted=tuple(
                row for row in exemptions if row.since is not None and row.since >= first
            ),
            idle=tuple(row for row in exemptions if row.state == "in force" and not row.items),
            unseen=self._unseen(),
            milestones=self._milestones(),
            marks=tuple(mark for mark in metrics.marks if mark.date >= first),
            needs=(),
            facts={self.names[key]: facts for key, facts in metrics.facts.items()},
        )

    def _steps(self) -> list[Step]:
        openings = self.store.items.opened_or_closed(self.campaign.id, self.first, self.today)
        return list(
            steps_of(
                [opening for opening in openings if self.view.is_counted(opening.track.rule)],
                self.view.repositories,
                self.view.spans,
                [
                    exemption_period_of(record)
                    for record in self.store.exemptions.records(self.campaign.id)
                ],
                self.first,
                self.today,
            )
        )

    def _by_repository(self) -> dict[str, Moves]:
        """Map the key of each repository with changes to its changes."""
        moving = {entry.repository for entry in self.entries}
        totals_by_repository = [
            row for row in self.totals_by_repository if row.repository in moving
        ]
        return moves_by(totals_by_repository, self.entries, lambda row: row.repository)

    def _stalled(self) -> tuple[StalledTeam, ...]:
        teams = quiet_teams(self.totals_by_repository, self.today)
        if not teams:
            return ()
        team_activity = self.store.ledger.team_activity(
            self.campaign.id, self.today, self.rules, teams
        )
        return stalled_teams(team_activity, self.view.first_day, self.today)

    def _before(self) -> tuple[StatusRow | None, CampaignForecast | None]:
        """Return the status and forecast before the period, or None if the campaign began later."""
        if self.began:
            return None, None
        return counted_status(self.store, self.campaign, self.first - ONE_DAY)

    def _scope_changes(self) -> tuple[tuple[ScopeChange, ...], tuple[ScopeChange, ...]]:
        spans = self.store.scope.changes(self.campaign.id, self.first, self.today)
        return scope_changes(spans, self.names, self.by_repository, self.first, self.today)

    def _dead(self) -> tuple[DeadRepository, ...]:
        landings = self.store.walks.last_landings(self.campaign.id, self.today - DEAD_AFTER)
        owners = main_owners(self.held)
        return dead_repositories(landings, self.view.standings, self.names, owners)

    def _unseen(self) -> tuple[Unseen, ...]:
        view = self.view
        unknowns = {key: view.unknowns[key] for key in view.members if key in view.unknowns}
        observed_states = self.store.states.observed(self.campaign.id)
        return unseen(
            observed_states,
            unknowns,
            self.names,
            self._open_in({*observed_states, *unknowns}),
            self.first,
            self.today,
        )

    def _open_in(self, keys: AbstractSet[str]) -> Mapping[str, int]:
        counts: dict[str, int] = defaultdict(int)
        for row in self.totals_by_repository:
            if row.repository in keys:
                counts[row.repository] += row.total.open_change
        return counts

    def _milestones(self) -> tuple[MilestoneNews, ...]:
        rows = self.metrics.milestone_rows
        done_before: set[str | None] = set()
        if not self.began and any(row.health == "done" for row in rows):
            day = self.first - ONE_DAY
            before = campaign_view(self.store, self.campaign, day, self.view.repositories)
            done_before = {
                row.milestone
                # Pass no forecasts, because they do not determine whether a milestone is done.
                for row in milestone_rows(before, milestone_members(before), {})
                if row.health == "done"
            }
        return milestone_news(rows, done_before, self.today, began=self.began)

    def _team_parts(self) -> tuple[TeamAttention, ...]:
        by_team: dict[str, list[Step]] = defaultdict(list)
        for step in self.steps:
            by_team[step.team].append(step)
        stalled = {team.team: team for team in self.stalled}
        contacts = {contact.team: contact for contact in self.metrics.contacts}
        milestones = earliest_milestones(self._milestone_dates())
        parts = []
        for row in self.metrics.team_rows:
            team = row.team or ""
            works, more = works_of(by_team[team])
            held = with_due_dates(self.held.get(team, ()), self.campaign.due, milestones)
            parts.append(
                TeamAttention(
                    team=team,
                    status=row,
                    forecast=self.metrics.team_forecasts[team],
                    moves=self.by_team[team],
                    stalled=stalled.get(team),
                    due=next_due(held),
                    left=held,
                    contact=contacts.get(team),
                    works=works,
                    more=more,
                )
            )
        return tuple(sorted(parts, key=lambda part: (-part.status.open, part.team)))

    def _milestone_dates(self) -> list[tuple[Due, frozenset[str]]]:
        return [
            (Due(milestone.due, milestone.name), frozenset(self.names[key] for key in members))
            for milestone, members in self.metrics.milestone_members.items()
        ]


def _lapses_soon(row: ExemptionRow) -> bool:
    return row.days_left is not None and row.days_left <= WARN_BEFORE.days and row.items > 0


def _lapsed_since(row: ExemptionRow, first: date) -> bool:
    return row.state == "lapsed" and row.until is not None and row.until >= first - ONE_DAY
