"""Where nothing happens although something is open: teams that stalled, repositories that died."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from headway.answers.attention.records import DeadRepository, Held, StalledTeam
from headway.answers.records import StatusRow
from headway.progress.health import STALLED_AFTER
from headway.progress.ledger import ONE_DAY, Movement
from headway.store.records import Booked

DEAD_AFTER = timedelta(days=365)
"""So long without a commit on the default branch, and nobody can be expected to fix anything."""


def stalled_teams(
    movements: Iterable[tuple[date, str, Movement]], first_day: date, today: date
) -> tuple[StalledTeam, ...]:
    """Teams with open items and no fix for four weeks, the most open first.

    A team that had nothing open until lately has not stalled, however long ago its last fix is.
    movements: (day, team, what was booked) up to today. first_day: the campaign's.
    """
    by_team: dict[str, dict[date, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for day, team, movement in movements:
        counts = by_team[team][day]
        counts[0] += movement.open_change
        counts[1] += movement.fixed
    found = []
    for name, days in sorted(by_team.items()):
        stalled = _stalled(name, days, first_day, today)
        if stalled is not None:
            found.append(stalled)
    return tuple(sorted(found, key=lambda each: (-each.open, each.team)))


def _stalled(
    team: str, days: Mapping[date, Sequence[int]], first_day: date, today: date
) -> StalledTeam | None:
    held, since, last_fix = 0, first_day, None
    for day, (change, fixed) in sorted(days.items()):
        if held <= 0 < held + change:
            since = max(day, first_day)
        held += change
        if fixed:
            last_fix = day
    quiet_since = max(since, last_fix or since)
    if held <= 0 or today - quiet_since < STALLED_AFTER:
        return None
    return StalledTeam(team, held, quiet_since, last_fix)


def dead_repositories(
    rows: Iterable[StatusRow],
    last_commits: Mapping[str, date],
    teams: Mapping[str, str],
    today: date,
) -> tuple[DeadRepository, ...]:
    """Known repositories with open items and no commit for a year, the most open first.

    rows: one a repository. last_commits, teams: by the repository's name; the team that has most
    of what is open there.
    """
    found = [
        DeadRepository(name, teams.get(name, ""), row.open, last_commits[name])
        for row in rows
        if (name := row.repository) is not None
        and row.state == "open"
        and name in last_commits
        and today - last_commits[name] >= DEAD_AFTER
    ]
    return tuple(sorted(found, key=lambda each: (-each.open, each.last_commit, each.repository)))


def holdings(
    movements: Iterable[Booked], names: Mapping[str, str], today: date
) -> dict[str, tuple[Held, ...]]:
    """Team to where it has open items at the end of `today`, the most first."""
    held: dict[tuple[str, str], int] = defaultdict(int)
    for each in movements:
        if each.day < today + ONE_DAY:
            held[each.team, each.repository] += each.movement.open_change
    found: dict[str, list[Held]] = defaultdict(list)
    for (team, repository), count in sorted(held.items()):
        if count > 0:
            found[team].append(Held(names[repository], count))
    return {
        team: tuple(sorted(its, key=lambda each: (-each.open, each.repository)))
        for team, its in found.items()
    }


def main_owners(held: Mapping[str, Sequence[Held]]) -> dict[str, str]:
    """Repository's name to the team that has most of what is open in it."""
    most: dict[str, tuple[int, str]] = {}
    for team, its in sorted(held.items()):
        for each in its:
            if each.open > most.get(each.repository, (0, ""))[0]:
                most[each.repository] = each.open, team
    return {repository: team for repository, (_, team) in most.items()}
