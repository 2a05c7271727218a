"""Find open items that nobody is working on: stalled teams and dead repositories."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from headway.metrics.attention.attention_records import DeadRepository, Held, StalledTeam
from headway.model.store_records import LedgerTotal, Pace
from headway.progress.health import is_stalled, quiet_since
from headway.progress.snapshots import Standing
from headway.progress.state import State

DEAD_AFTER = timedelta(days=365)
"""A repository is dead if its default branch has had no commits for this period."""


def quiet_teams(totals_by_repository: Iterable[LedgerTotal], today: date) -> list[str]:
    """Return the teams with open items but no recent fixes, sorted by name.

    Args:
        totals_by_repository: The sums of all ledger entries up to today.
        today: The numbers are those at the end of this day.
    """
    held: dict[str, int] = defaultdict(int)
    last_fixes: dict[str, date] = {}
    for row in totals_by_repository:
        held[row.team] += row.total.open_change
        if row.last_fix is not None:
            last_fixes[row.team] = max(row.last_fix, last_fixes.get(row.team, row.last_fix))
    return sorted(
        team
        for team, count in held.items()
        if count > 0 and is_stalled(date.min, last_fixes.get(team), today)
    )


def stalled_teams(
    team_activity: Iterable[Pace], first_day: date, today: date
) -> tuple[StalledTeam, ...]:
    """Return the stalled teams, most open items first.

    A team whose open items are all recent is not stalled, even if its last fix was long ago.

    Args:
        team_activity: The open items and the last fix of each team at the end of `today`.
        first_day: The campaign's first day.
        today: The numbers are those at the end of this day.
    """
    found = []
    for activity in team_activity:
        open_since = max(activity.open_since or first_day, first_day)
        if activity.open > 0 and is_stalled(open_since, activity.last_fix, today):
            since = quiet_since(open_since, activity.last_fix)
            found.append(StalledTeam(activity.team, activity.open, since, activity.last_fix))
    return tuple(sorted(found, key=lambda team: (-team.open, team.team)))


def dead_repositories(
    landings: Mapping[str, datetime],
    standings: Mapping[str, tuple[Standing, State]],
    names: Mapping[str, str],
    owners: Mapping[str, str],
) -> tuple[DeadRepository, ...]:
    """Return dead repositories with open items: most open items first, then oldest last commit.

    Args:
        landings: The time of the last commit in each dead repository, by repository key.
        standings: The counts and state of each repository, by repository key.
        names: The repository names by repository key.
        owners: The result of `main_owners`.
    """
    found = []
    for key, landed in landings.items():
        standing, state = standings.get(key, (None, None))
        if standing is not None and state == "open":
            name, count = names[key], standing.holdings.open
            found.append(DeadRepository(name, owners.get(name, ""), count, landed.date()))
    return tuple(sorted(found, key=lambda dead: (-dead.open, dead.last_commit, dead.repository)))


def open_by_team(
    totals_by_repository: Iterable[LedgerTotal], names: Mapping[str, str]
) -> dict[str, tuple[Held, ...]]:
    """Return each team's open items in each repository, largest number first.

    Args:
        totals_by_repository: The sums of all ledger entries up to today.
        names: The repository names by repository key.
    """
    held: dict[tuple[str, str], int] = defaultdict(int)
    for row in totals_by_repository:
        held[row.team, row.repository] += row.total.open_change
    found: dict[str, list[Held]] = defaultdict(list)
    for (team, repository), count in sorted(held.items()):
        if count > 0:
            found[team].append(Held(names[repository], count))
    return {
        team: tuple(sorted(parts, key=lambda held: (-held.open, held.repository)))
        for team, parts in found.items()
    }


def main_owners(held: Mapping[str, Sequence[Held]]) -> dict[str, str]:
    """Return the team with the most open items in each repository, by repository name.

    Args:
        held: The result of `open_by_team`.
    """
    most: dict[str, tuple[int, str]] = {}
    for team, parts in sorted(held.items()):
        for part in parts:
            if part.open > most.get(part.repository, (0, ""))[0]:
                most[part.repository] = part.open, team
    return {repository: team for repository, (_, team) in most.items()}
