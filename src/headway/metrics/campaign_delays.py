"""The repositories and teams that make the forecast of a campaign later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from headway.metrics.campaign_view import CampaignView
from headway.metrics.forecast_records import (
    CampaignForecast,
    QuietRepositories,
    RepositoryDelay,
    TeamDelay,
)
from headway.model.store_records import LedgerEntry
from headway.progress.forecast import forecast
from headway.progress.forecast_delays import delay, largest, open_at, quiet, without
from headway.progress.weekly_history import History, history_of

MOST = 5
"""The maximum number of repositories and of teams."""

_TRIED = 20
"""Only this number of repositories and teams with the most open items is tried."""

_NOTEWORTHY_DAYS = 7


def with_delays(
    found: CampaignForecast, view: CampaignView, entries: Sequence[LedgerEntry]
) -> CampaignForecast:
    """Return the forecast of a campaign with what makes it late."""
    if found.p50 is None:
        return found
    history = _history(view, entries)
    names = sorted({entry.repository for entry in entries if entry.day <= view.today})
    return replace(
        found,
        late_repositories=_repositories(history, names),
        late_teams=_teams(history, view, entries),
        quiet=_quiet(history),
    )


def _repositories(history: History, names: Sequence[str]) -> tuple[RepositoryDelay, ...]:
    late = []
    for place in largest(history, _TRIED):
        days = delay(history, without(history, (place,)))
        if days is not None and days >= _NOTEWORTHY_DAYS:
            late.append(RepositoryDelay(names[place], open_at(history, place), days))
    return tuple(sorted(late, key=lambda row: (-row.days, row.repository))[:MOST])


def _teams(
    history: History, view: CampaignView, entries: Sequence[LedgerEntry]
) -> tuple[TeamDelay, ...]:
    counts: Counter[str] = Counter()
    for entry in entries:
        counts[entry.team] += entry.movement.open_change
    late = []
    for team, open_items in counts.most_common(_TRIED):
        rest = _history(view, [entry for entry in entries if entry.team != team])
        days = delay(history, rest) if open_items > 0 else None
        if days is not None and days >= _NOTEWORTHY_DAYS:
            late.append(TeamDelay(team, open_items, days))
    return tuple(sorted(late, key=lambda row: (-row.days, row.team))[:MOST])


def _quiet(history: History) -> QuietRepositories | None:
    places = quiet(history)
    if not places:
        return None
    rest = without(history, places)
    p50 = forecast(rest, fan=False).p50 if rest.open else None
    return QuietRepositories(len(places), sum(open_at(history, place) for place in places), p50)


def _history(view: CampaignView, entries: Sequence[LedgerEntry]) -> History:
    return history_of(
        ((entry.repository, entry.day, entry.movement) for entry in entries),
        view.first_day,
        view.today,
    )
