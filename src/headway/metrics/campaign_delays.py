"""The repositories and teams that delay the forecast finish of a campaign."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

from headway.metrics.campaign_view import CampaignView
from headway.metrics.forecast_records import (
    CampaignForecast,
    QuietRepositories,
    RepositoryDelay,
    TeamDelay,
)
from headway.metrics.weekly_ledger import WeeklyLedger
from headway.progress.forecast_delays import p50_if_exempt
from headway.progress.weekly_history import History
from headway.store.store_reader import Store

MOST = 5
"""The maximum number of repositories and of teams in the result."""

QUIET_AFTER = timedelta(days=365)
"""A repository is quiet if it has had no commits for this period."""

_TRIED = 20
"""The maximum number of repositories and of teams to examine, most open items first.
"""

_NOTEWORTHY_DAYS = 7

_OpenItems = Mapping[str, Counter[str]]
"""Maps each repository key to the number of open items of each team."""


def with_delays(
    store: Store, view: CampaignView, ledger: WeeklyLedger, found: CampaignForecast
) -> CampaignForecast:
    """Add the causes of delays and the quiet repositories to a campaign's forecast.

    `view` must include the repositories.
    """
    held = _held(view)
    landings = store.walks.last_landings(view.campaign.id, view.today - QUIET_AFTER)
    quiet = {key: landings[key].date() for key in held if key in landings}
    if found.p50 is None and not quiet:
        return found
    history = ledger.history(view)
    return replace(
        found,
        late_repositories=_repositories(found.p50, history, view, held) if found.p50 else (),
        late_teams=_teams(found.p50, history, view, held) if found.p50 else (),
        quiet=_quiet(history, view, held, quiet) if quiet else None,
    )


def _held(view: CampaignView) -> _OpenItems:
    """Return the open items in each repository that has any."""
    held: dict[str, Counter[str]] = defaultdict(Counter)
    for row in view.totals_by_repository:
        if view.is_counted(row.rule) and (open_items := row.total.open_change) > 0:
            held[row.repository][row.team] += open_items
    return held


def _repositories(
    p50: date, history: History, view: CampaignView, held: _OpenItems
) -> tuple[RepositoryDelay, ...]:
    counts = Counter({key: teams.total() for key, teams in held.items()})
    found = (
        RepositoryDelay(view.repositories[key].listed.name, open_items, days)
        for key, open_items in counts.most_common(_TRIED)
        for days in _delays(p50, history, view, open_items, 1)
    )
    return tuple(sorted(found, key=lambda row: (-row.days, row.repository))[:MOST])


def _teams(
    p50: date, history: History, view: CampaignView, held: _OpenItems
) -> tuple[TeamDelay, ...]:
    counts: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    for teams in held.values():
        counts.update(teams)
        alone.update(teams.keys() if len(teams) == 1 else ())
    found = (
        TeamDelay(team, open_items, days)
        for team, open_items in counts.most_common(_TRIED)
        for days in _delays(p50, history, view, open_items, alone[team])
    )
    return tuple(sorted(found, key=lambda row: (-row.days, row.team))[:MOST])


def _delays(
    p50: date, history: History, view: CampaignView, items: int, repositories: int
) -> Iterator[int]:
    """Yield the delay in days that a group of open items causes, if it is noteworthy."""
    rest = p50_if_exempt(history, items, repositories, view.prior)
    if rest is not None and (days := (p50 - rest).days) >= _NOTEWORTHY_DAYS:
        yield days


def _quiet(
    history: History, view: CampaignView, held: _OpenItems, quiet: Mapping[str, date]
) -> QuietRepositories:
    items = sum(held[key].total() for key in quiet)
    peak = max((sum(history.before), *(week.open for week in history.weeks)))
    return QuietRepositories(
        repositories=len(quiet),
        open=items,
        since=max(quiet.values()),
        share=1 - items / max(peak, items),
        p50=p50_if_exempt(history, items, len(quiet), view.prior) if history.weeks else None,
    )
