"""Grades: how many are on which captured value, such as a version, and since when."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import accumulate, groupby
from typing import NamedTuple

from headway.answers.burndown import Owners
from headway.answers.records import SeriesPoint
from headway.answers.view import CampaignView
from headway.definition.campaign import Role
from headway.progress.exempt import waivers_for
from headway.progress.ledger import Ledger
from headway.progress.series import Period, periods
from headway.progress.tenure import Rules, Tenures
from headway.scan.episodes import Episodes
from headway.scan.ownership import tenures_of
from headway.store.ownership import waiver_of
from headway.store.reading import Reader
from headway.store.records import EpisodeRow, GradedRow

LIMIT = 8
"""How many values have a series of their own; all others together are one more."""

NO_VALUE = "(none)"
"""Of what a rule found without capturing anything, or nothing but an empty text."""


class Grade(NamedTuple):
    """What one series is about. value: None for all values beyond the limit."""

    role: Role
    value: str | None


class Change(NamedTuple):
    """By how much the counts of a grade change within one period."""

    open: int
    exempt: int
    fixed: int


_Holdings = Mapping[str, Mapping[int, Change]]
"""Repository to its changes, by the number of the period."""


def captures(store: Reader, seen: CampaignView) -> list[str]:
    """The names of everything that the campaign's rules captured, sorted."""
    return sorted({name for row in _graded(store, seen) for name in row.captures})


def all_grades(
    store: Reader, seen: CampaignView, limit: int = LIMIT
) -> dict[str, tuple[tuple[SeriesPoint, ...], ...]]:
    """The weekly series of everything that was captured, by its name."""
    rows = _graded(store, seen)
    return {
        name: tuple(grades(store, seen, name, limit=limit, rows=rows))
        for name in sorted({name for row in rows for name in row.captures})
    }


def grades(
    store: Reader,
    seen: CampaignView,
    capture: str,
    *,
    period: Period = "week",
    team: str | None = None,
    owners: Owners = "now",
    limit: int = LIMIT,
    rows: Sequence[GradedRow] | None = None,
) -> list[tuple[SeriesPoint, ...]]:
    """The series of each value, in the order of the values; all of them have the same dates.

    What must go comes before what must be there. The values that had the most at their peak have
    a series of their own. An item has the value that it was last seen with. team, owners: as in
    `burndown`. rows: all that was captured, for whoever has read that already. Empty when no rule
    captured anything by that name.
    """
    rows = _graded(store, seen) if rows is None else rows
    rules = {row.episode.rule for row in rows if capture in row.captures}
    if not rules or seen.record is None or seen.first_day > seen.today:
        return []
    days = list(periods(seen.first_day, seen.today, period))
    wanted = [row for row in rows if row.episode.rule in rules]
    holdings: dict[Grade, dict[str, dict[int, Change]]] = defaultdict(dict)
    for repository, grade, ledger in _ledgers(store, seen, wanted, capture, team, owners):
        holdings[grade][repository] = _changes(ledger, days, team)
    few = _few(holdings, len(days), limit)
    return [
        tuple(
            SeriesPoint(seen.campaign.id, team, capture, grade.role, grade.value, day, *counts)
            for day, counts in zip(days, _counts(few[grade], len(days)), strict=True)
        )
        for grade in sorted(few, key=_order)
    ]


def _graded(store: Reader, seen: CampaignView) -> list[GradedRow]:
    return [row for row in store.graded(seen.campaign.id) if row.episode.rule in seen.terms]


def _ledgers(
    store: Reader,
    seen: CampaignView,
    rows: Sequence[GradedRow],
    capture: str,
    team: str | None,
    owners: Owners,
) -> Iterable[tuple[str, Grade, Ledger]]:
    """(repository, grade, its own ledger): booked just as the campaign's is."""
    waivers = [waiver_of(record) for record in store.exemptions(seen.campaign.id)]
    tenures = _tenures(store, seen, sorted({row.repository for row in rows}), team)
    for repository, group in groupby(rows, key=lambda row: row.repository):
        concerned = waivers_for(waivers, seen.repositories[repository].listed.name)
        spans = seen.spans.get(repository, ())
        for grade, its in _by_grade(seen, list(group), capture).items():
            episodes = Episodes(its, tenures[repository], concerned, seen.first_day)
            then = episodes.book_then(spans) if owners == "then" else None
            yield repository, grade, episodes.book_now(spans) if then is None else then


def _tenures(
    store: Reader, seen: CampaignView, repositories: Sequence[str], team: str | None
) -> Mapping[str, Tenures]:
    listed = [seen.repositories[key].listed for key in repositories]
    if team is None:
        # for all teams together it makes no difference who has what
        return {each.key: Tenures(Rules(each.name)) for each in listed}
    return tenures_of(store, listed, store.team_lists(), store.owner_groups())


def _by_grade(
    seen: CampaignView, rows: Sequence[GradedRow], capture: str
) -> dict[Grade, list[EpisodeRow]]:
    """All openings of an item go by the value that it was last seen with."""
    by_grade: dict[Grade, list[EpisodeRow]] = defaultdict(list)
    for _, group in groupby(rows, key=lambda row: row.episode.item):
        openings = list(group)
        replaces = seen.terms[openings[0].episode.rule].replacement
        role: Role = "replacement" if replaces else "deprecated"
        value = openings[-1].captures.get(capture) or NO_VALUE
        by_grade[Grade(role, value)] += [row.episode for row in openings]
    return by_grade


def _changes(ledger: Ledger, days: Sequence[date], team: str | None) -> dict[int, Change]:
    found: dict[int, Change] = {}
    for (_, its_team, day), moved in ledger.items():
        position = bisect_left(days, day)
        if position < len(days) and (team is None or its_team == team):
            before = found.get(position, Change(0, 0, 0))
            now = (moved.open_change, moved.exempt_change, moved.fixed_change)
            found[position] = Change(*map(sum, zip(before, now, strict=True)))
    return found


def _few(holdings: Mapping[Grade, _Holdings], length: int, limit: int) -> dict[Grade, _Holdings]:
    """Those with the highest peak, and all others of a role as one; what never was is left out."""
    peaks = {
        grade: max(opened + exempt for opened, exempt, _, _ in _counts(holding, length))
        for grade, holding in holdings.items()
    }
    there = sorted((grade for grade, peak in peaks.items() if peak), key=_order)
    ranked = sorted(there, key=lambda grade: -peaks[grade])
    few = {grade: holdings[grade] for grade in ranked[:limit]}
    others: dict[Grade, dict[str, dict[int, Change]]] = defaultdict(lambda: defaultdict(dict))
    for grade in ranked[limit:]:
        for repository, changes in holdings[grade].items():
            its = others[Grade(grade.role, None)][repository]
            for position, change in changes.items():
                before = its.get(position, Change(0, 0, 0))
                its[position] = Change(*map(sum, zip(before, change, strict=True)))
    return {**few, **others}


def _counts(holding: _Holdings, length: int) -> list[tuple[int, int, int, int]]:
    """(open, exempt, fixed, repositories with something open) at the end of each period."""
    columns = [[0] * length for _ in range(4)]
    for changes in holding.values():
        held = 0
        for position, change in sorted(changes.items()):
            before, held = held, held + change.open
            for column, amount in zip(columns, (*change, (held > 0) - (before > 0)), strict=True):
                column[position] += amount
    return list(zip(*(accumulate(column) for column in columns), strict=True))


def _order(grade: Grade) -> tuple[bool, int, list[tuple[bool, int, str]]]:
    """Numbers in values count as numbers: 1.9 comes before 1.10; what has no value comes last."""
    digits = [
        (number % 2 == 1, part.lstrip("0") if number % 2 else part)
        for number, part in enumerate(re.split(r"([0-9]+)", grade.value or ""))
    ]
    keys = [(is_number, len(part) if is_number else 0, part) for is_number, part in digits]
    last = {NO_VALUE: 1, None: 2}.get(grade.value, 0)
    return grade.role == "replacement", last, keys
