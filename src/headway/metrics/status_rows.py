"""Status rows of a campaign, and of its repositories, teams and milestones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from operator import attrgetter
from types import MappingProxyType

from headway.metrics.campaign_view import CampaignView, standing_of
from headway.metrics.forecast_records import CampaignForecast
from headway.metrics.records import InexactDays, StatusRow
from headway.model.campaign import Milestone
from headway.model.store_records import LedgerTotal
from headway.progress.forecast import HORIZON_WEEKS
from headway.progress.health import health_of
from headway.progress.snapshots import Standing
from headway.progress.state import Holdings, State, repository_state
from headway.progress.weekly_history import WEEK


def campaign_row(
    view: CampaignView,
    forecast: CampaignForecast,
    states: Sequence[State],
    inexact: tuple[InexactDays, ...],
) -> StatusRow:
    """Return the status row of a whole campaign.

    Args:
        view: The campaign. Its repositories are not used.
        forecast: The campaign's forecast.
        states: The state of every repository in scope, in any order.
        inexact: The days with inexact numbers.
    """
    total = _standing(view, view.totals_by_repository)
    last_fix = _last_fix(view, view.totals_by_repository)
    no_data = _why_no_data(view, states)
    return _row(
        view,
        total,
        _state_without_data(view) if no_data else _whole_state(view, states, total.holdings),
        reason=no_data,
        states=states,
        inexact=inexact,
        last_fix=last_fix,
        open_since=view.open_since.whole(last_fix) if total.holdings.open else None,
        forecast=forecast,
    )


def repository_rows(
    view: CampaignView,
    oldest: Mapping[str, date],
    binary_files: Mapping[str, Mapping[str, int]] = MappingProxyType({}),
) -> list[StatusRow]:
    """Return one row for each repository that is in scope or gone, sorted by name.

    Args:
        view: The campaign.
        oldest: The day on which the oldest open item was opened, by repository key.
        binary_files: The number of binary files by rule ID, by repository key.
    """
    rows = []
    rows_without_items: dict[State, StatusRow] = {}
    last_fixes = {
        key: _last_fix(view, totals)
        for key, totals in view.by_repository.items()
        if key in view.standings
    }
    open_since = view.open_since.parts(
        "repository",
        {key: day for key, day in last_fixes.items() if view.standings[key][0].holdings.open},
    )
    for key in (*view.members, *view.absent):
        state, name = view.standings[key][1], view.repositories[key].listed.name
        if state == "unknown" or key in view.by_repository or key in oldest or key in view.gaps:
            since = open_since.get(key)
            row = _repository_row(view, key, oldest.get(key), last_fixes.get(key), since)
            rows.append(row._replace(binary_files=binary_files.get(key, {})))
            continue
        # Most repositories have no items. The rows of such repositories in the same state differ
        # only in their names, so copy one row.
        if state not in rows_without_items:
            rows_without_items[state] = _repository_row(view, key, None, None, None)
        row = rows_without_items[state]
        rows.append(row._replace(repository=name, binary_files=binary_files.get(key, {})))
    return rows


def _repository_row(
    view: CampaignView,
    key: str,
    oldest_open: date | None,
    last_fix: date | None,
    open_since: date | None,
) -> StatusRow:
    standing, state = view.standings[key]
    record = view.unknowns.get(key) if state == "unknown" else None
    return _row(
        view,
        standing,
        state,
        repository=view.repositories[key].listed.name,
        states=[state],
        inexact=view.inexact([key]),
        reason=record.reason if record else None,
        since=record.since if record else None,
        last_fix=last_fix,
        open_since=open_since,
        oldest_open=oldest_open,
    )


def team_rows(view: CampaignView, forecasts: Mapping[str, CampaignForecast]) -> list[StatusRow]:
    """Return one row for each team that has or had items, sorted by name."""
    rows = []
    by_team: dict[str, list[LedgerTotal]] = defaultdict(list)
    for total in view.totals_by_repository:
        if view.is_counted(total.rule):
            by_team[total.team].append(total)
    members = set(view.members)
    last_fixes = {team: _last_fix(view, totals) for team, totals in by_team.items()}
    open_since = view.open_since.parts("team", last_fixes)
    for team, totals_by_repository in sorted(by_team.items()):
        standing = _standing(view, totals_by_repository)
        touched = {total.repository for total in totals_by_repository} & members
        # A required match is missing from a repository, not from a team, so count repositories.
        states = [view.standings[key][1] for key in touched]
        unknown = states.count("unknown")
        held = replace(standing.holdings, missing=states.count("incomplete"), affected=None, left=0)
        rows.append(
            _row(
                view,
                standing,
                "unknown" if unknown and not held.open else repository_state(held),
                team=team,
                states=states,
                inexact=view.inexact(touched),
                last_fix=last_fixes[team],
                open_since=open_since[team] if held.open else None,
                forecast=forecasts.get(team),
            )
        )
    return rows


def milestone_rows(
    view: CampaignView,
    members_of: Mapping[Milestone, Sequence[str]],
    forecasts: Mapping[str, CampaignForecast],
) -> list[StatusRow]:
    """Return one row for each milestone, sorted by due date.

    Args:
        view: The campaign.
        members_of: The result of `milestone_members`.
        forecasts: The forecasts by milestone name.
    """
    rows = []
    whole = [view.standings[key][1] for key in view.members]
    for milestone in sorted(view.campaign.milestones, key=attrgetter("due", "name")):
        members = members_of[milestone]
        totals_by_repository = [row for key in members for row in view.by_repository.get(key, ())]
        states = [view.standings[key][1] for key in members]
        standing = _standing(view, totals_by_repository)
        last_fix = _last_fix(view, totals_by_repository)
        no_data = _why_no_data(view, whole) or (
            None if members else "no repository in scope matches the milestone"
        )
        held = standing.holdings
        rows.append(
            _row(
                view,
                standing,
                _state_without_data(view) if no_data else _whole_state(view, states, held),
                milestone=milestone,
                states=states,
                inexact=view.inexact(members),
                reason=no_data,
                last_fix=last_fix,
                open_since=view.open_since.whole(last_fix, members) if held.open else None,
                forecast=forecasts.get(milestone.name),
            )
        )
    return rows


def coverage_of(states: Sequence[State]) -> float | None:
    """Return the share of repositories with a known state, or None if `states` is empty."""
    return 1 - states.count("unknown") / len(states) if states else None


# This function has more than 50 lines because it fills every field of the row.
def _row(
    view: CampaignView,
    standing: Standing,
    state: State,
    *,
    states: Sequence[State],
    inexact: tuple[InexactDays, ...],
    repository: str | None = None,
    team: str | None = None,
    milestone: Milestone | None = None,
    reason: str | None = None,
    since: date | None = None,
    last_fix: date | None = None,
    open_since: date | None = None,
    oldest_open: date | None = None,
    forecast: CampaignForecast | None = None,
) -> StatusRow:
    campaign, held = view.campaign, standing.holdings
    due = milestone.due if milestone else campaign.due
    moved = view.definition.milestones[milestone.name] if milestone else view.definition.due
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
        coverage=coverage_of(states),
        health=health_of(
            state=state,
            open_items=held.open,
            due=due,
            last_fix=last_fix,
            open_since=open_since or view.first_day,
            today=view.today,
            chance=chance,
            pace=max(forecast.pace, forecast.pace_year) if forecast else 0.0,
            pace_needed=forecast.pace_needed if forecast else None,
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
        due_moves=moved.moves,
        due_slips=moved.slips,
        due_slip_days=moved.days,
        definition_changed=view.definition.changed,
        inexact=inexact,
        affected=len(states) - states.count("not affected") if campaign.applies_to else None,
    )


def _horizon(forecast: CampaignForecast | None) -> date | None:
    if forecast is None or forecast.reason is not None:
        return None
    return forecast.today + WEEK * HORIZON_WEEKS


def _standing(view: CampaignView, totals_by_repository: Iterable[LedgerTotal]) -> Standing:
    return standing_of(totals_by_repository, view.terms, view.today)


def _why_no_data(view: CampaignView, states: Sequence[State]) -> str | None:
    """Return the reason why a campaign has no data, or None if it has data.

    Args:
        view: The campaign.
        states: The states of all repositories in scope.
    """
    if view.is_early:
        return f"the campaign starts on {view.first_day}"
    if view.record is None:
        return "not scanned yet"
    return None if states else "no repository is in scope"


def _state_without_data(view: CampaignView) -> State:
    """Return `no matches` before the campaign's first day, and `unknown` afterwards."""
    return "no matches" if view.is_early else "unknown"


def _whole_state(view: CampaignView, states: Sequence[State], held: Holdings) -> State:
    """Return the combined state of several repositories: the first one in `order` that occurs.

    Affected repositories without deprecated code are done. However, if no deprecated rule has ever
    matched anything, the rules may be wrong.

    Args:
        view: The campaign.
        states: The states of the repositories.
        held: The combined items of the repositories.
    """
    order: tuple[State, ...] = ("open", "unknown", "incomplete", "done", "exempt")
    found: State = next((state for state in order if state in states), "no matches")
    if view.campaign.deprecated and found in ("incomplete", "done"):
        ever_matched = any(view.is_counted(row.rule) for row in view.totals_by_repository)
        return found if ever_matched else "no matches"
    # A repository that is no longer affected can have fixed items.
    return "done" if found == "no matches" and held.fixed else found


def _last_fix(view: CampaignView, totals_by_repository: Iterable[LedgerTotal]) -> date | None:
    days = [
        row.last_fix for row in totals_by_repository if row.last_fix and view.is_counted(row.rule)
    ]
    return max(days, default=None)
