"""Status rows: of a campaign, and of the repositories, teams and milestones in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from headway.metrics.campaign_state import CampaignView, standing_of
from headway.metrics.records import CampaignForecast, StatusRow
from headway.model.campaign import Milestone
from headway.model.store_records import LedgerTotal
from headway.progress.forecast import HORIZON_WEEKS
from headway.progress.health import health_of
from headway.progress.snapshots import Standing
from headway.progress.state import State, repository_state
from headway.progress.weekly_history import WEEK


def campaign_row(seen: CampaignView, forecast: CampaignForecast) -> StatusRow:
    """The campaign as a whole."""
    states = [seen.standings[key][1] for key in seen.members]
    return whole_row(seen, forecast, states, seen.coverage(seen.today))


def whole_row(
    seen: CampaignView, forecast: CampaignForecast, states: Sequence[State], coverage: float | None
) -> StatusRow:
    """The same for whoever knows the states of all repositories in scope, in any order."""
    total = _standing(seen, seen.totals_by_repository)
    last_fix = _last_fix(seen, seen.totals_by_repository)
    unseen = _why_unseen(seen, states)
    return _row(
        seen,
        total,
        "unknown" if unseen else _whole_state(states),
        coverage=coverage,
        reason=unseen,
        states=states,
        last_fix=last_fix,
        forecast=forecast,
    )


def repository_rows(seen: CampaignView, oldest: Mapping[str, date]) -> list[StatusRow]:
    """One row for each repository in scope, and each that is gone, by name."""
    rows = []
    count_repository_states: dict[State, StatusRow] = {}
    for key in (*seen.members, *seen.absent):
        state, name = seen.standings[key][1], seen.repositories[key].listed.name
        if state == "unknown" or key in seen.by_repository or key in oldest:
            rows.append(_repository_row(seen, key, oldest.get(key)))
            continue
        # most of them hold nothing
        if state not in count_repository_states:
            count_repository_states[state] = _repository_row(seen, key, None)
        rows.append(count_repository_states[state]._replace(repository=name))
    return rows


def _repository_row(seen: CampaignView, key: str, oldest_open: date | None) -> StatusRow:
    standing, state = seen.standings[key]
    record = seen.unknowns.get(key) if state == "unknown" else None
    return _row(
        seen,
        standing,
        state,
        repository=seen.repositories[key].listed.name,
        coverage=0.0 if state == "unknown" else 1.0,
        states=[state],
        reason=record.reason if record else None,
        since=record.since if record else None,
        last_fix=_last_fix(seen, seen.by_repository.get(key, ())),
        oldest_open=oldest_open,
    )


def team_rows(seen: CampaignView, forecasts: Mapping[str, CampaignForecast]) -> list[StatusRow]:
    """One row for each team that has or had items, by name."""
    rows = []
    by_team: dict[str, list[LedgerTotal]] = defaultdict(list)
    for stock in seen.totals_by_repository:
        if seen.is_deprecated(stock.rule):
            by_team[stock.team].append(stock)
    members = set(seen.members)
    for team, totals_by_repository in sorted(by_team.items()):
        standing = _standing(seen, totals_by_repository)
        touched = {stock.repository for stock in totals_by_repository} & members
        # whether a replacement is missing is known of repositories, not of teams
        states = [seen.standings[key][1] for key in touched]
        unknown = states.count("unknown")
        held = replace(standing.holdings, missing=states.count("incomplete"))
        rows.append(
            _row(
                seen,
                standing,
                "unknown" if unknown and not held.open else repository_state(held),
                team=team,
                coverage=1 - unknown / len(touched) if touched else None,
                states=states,
                last_fix=_last_fix(seen, totals_by_repository),
                forecast=forecasts.get(team),
            )
        )
    return rows


def milestone_rows(
    seen: CampaignView,
    members_of: Mapping[Milestone, Sequence[str]],
    forecasts: Mapping[str, CampaignForecast],
) -> list[StatusRow]:
    """One row for each milestone, by due date. members_of: what `milestone_members` gives."""
    rows = []
    whole = [seen.standings[key][1] for key in seen.members]
    for milestone in sorted(seen.campaign.milestones, key=lambda each: (each.due, each.name)):
        members = members_of[milestone]
        totals_by_repository = [row for key in members for row in seen.by_repository.get(key, ())]
        states = [seen.standings[key][1] for key in members]
        unseen = _why_unseen(seen, whole) or (
            None if members else "no repository in scope matches it"
        )
        rows.append(
            _row(
                seen,
                _standing(seen, totals_by_repository),
                "unknown" if unseen else _whole_state(states),
                milestone=milestone,
                coverage=1 - states.count("unknown") / len(members) if members else None,
                states=states,
                reason=unseen,
                last_fix=_last_fix(seen, totals_by_repository),
                forecast=forecasts.get(milestone.name),
            )
        )
    return rows


def _row(
    seen: CampaignView,
    standing: Standing,
    state: State,
    *,
    coverage: float | None,
    states: Sequence[State],
    repository: str | None = None,
    team: str | None = None,
    milestone: Milestone | None = None,
    reason: str | None = None,
    since: date | None = None,
    last_fix: date | None = None,
    oldest_open: date | None = None,
    forecast: CampaignForecast | None = None,
) -> StatusRow:
    campaign, held = seen.campaign, standing.holdings
    due = milestone.due if milestone else campaign.due
    chance = forecast.chance if forecast else None
    return StatusRow(
        campaign=campaign.id,
        title=campaign.title,
        repository=repository,
        team=team,
        state=state,
        open=held.open,
        fixed=held.fixed,
        exempt=held.exempt,
        completion=standing.completion,
        coverage=coverage,
        health=health_of(
            state=state,
            open_items=held.open,
            due=due,
            last_fix=last_fix,
            first_day=seen.first_day,
            today=seen.today,
            chance=chance,
        ),
        p50=forecast.p50 if forecast else None,
        p85=forecast.p85 if forecast else None,
        due=due,
        owner=campaign.owner,
        guide=campaign.guide,
        repositories=len(states),
        unknown=states.count("unknown"),
        incomplete=states.count("incomplete"),
        pace=forecast.pace if forecast else None,
        chance=chance,
        reason=reason,
        since=since,
        last_fix=last_fix,
        oldest_open=oldest_open,
        milestone=milestone.name if milestone else None,
        horizon=_horizon(forecast),
        forecast_reason=forecast.reason if forecast else None,
    )


def _horizon(forecast: CampaignForecast | None) -> date | None:
    if forecast is None or forecast.reason is not None:
        return None
    return forecast.today + WEEK * HORIZON_WEEKS


def _standing(seen: CampaignView, totals_by_repository: Iterable[LedgerTotal]) -> Standing:
    return standing_of(totals_by_repository, seen.terms, seen.today)


def _why_unseen(seen: CampaignView, states: Sequence[State]) -> str | None:
    """Why nothing at all is known of a campaign; None when something is.

    states: those of all repositories in scope.
    """
    if seen.record is None:
        return "not scanned yet"
    return None if states else "no repository is in its scope"


def _whole_state(states: Sequence[State]) -> State:
    """Open when anything is; unknown never counts as done."""
    order: tuple[State, ...] = ("open", "unknown", "incomplete", "done", "exempt")
    return next((state for state in order if state in states), "not affected")


def _last_fix(seen: CampaignView, totals_by_repository: Iterable[LedgerTotal]) -> date | None:
    days = [
        row.last_fix
        for row in totals_by_repository
        if row.last_fix and seen.is_deprecated(row.rule)
    ]
    return max(days, default=None)
