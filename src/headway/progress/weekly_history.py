"""The weekly counts of each repository, on which forecasts are based."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from typing import NamedTuple

from headway.model.movement import Movement

WEEK = timedelta(weeks=1)


class Week(NamedTuple):
    """The changes in a repository's items within seven days."""

    opened: int
    """Items that were new or regressed."""
    fixed: int
    scope: int
    """The net change in open items caused by changes of scope, exemptions and moves between
    repositories.
    """
    open: int


@dataclass(frozen=True, slots=True)
class History:
    """The weekly counts of repositories. All repositories have the same weeks."""

    last: date
    """The last day of the last week. Weeks are counted back from this day, so all weeks are
    complete.
    """
    repositories: tuple[tuple[Week, ...], ...] = ()
    """The weeks of each repository that has or had items, oldest week first."""
    before: tuple[int, ...] = ()
    """The number of open items in each repository on the day before the first week."""
    open_repositories: tuple[int, ...] | None = None
    """The number of repositories with open items at the end of each week. None means that they are
    counted in `repositories`. A value is needed if `repositories` contains only sums over all
    repositories.
    """

    @property
    def open(self) -> int:
        """The number of open items at the end of the last day."""
        if not self.repositories or not self.repositories[0]:
            return sum(self.before)
        return sum(weeks[-1].open for weeks in self.repositories)

    @property
    def weeks(self) -> tuple[Week, ...]:
        """The weekly counts, summed over all repositories."""
        if len(self.repositories) == 1:
            return self.repositories[0]
        return tuple(
            Week(*(sum(counts) for counts in zip(*weeks, strict=True)))
            for weeks in zip(*self.repositories, strict=True)
        )

    def until(self, number: int) -> History:
        """Return the history up to the end of week `number`, counted from 1."""
        ago = len(self.repositories[0]) - number if self.repositories else 0
        return History(
            self.last - WEEK * ago,
            tuple(weeks[:number] for weeks in self.repositories),
            self.before,
            None if self.open_repositories is None else self.open_repositories[:number],
        )

    def summed(self) -> History:
        """Return the history of all repositories combined, as if they were one repository."""
        counts = self.open_repositories
        if counts is None:
            by_week = zip(*self.repositories, strict=True)
            counts = tuple(sum(1 for week in weeks if week.open > 0) for weeks in by_week)
        return History(self.last, (self.weeks,), (sum(self.before),), counts)


def history_of(
    movements: Iterable[tuple[str, date, Movement]],
    first: date,
    today: date,
    opened: Iterable[tuple[date, int]] | None = None,
) -> History:
    """Return the history of all complete weeks from `first` to `today` (inclusive).

    Args:
        movements: (Repository, day, movement) of deprecated rules, in any order. Movements before
            the first complete week determine the number of open items before this week.
        first: The campaign's first day.
        today: The last day.
        opened: (Day, change in the number of repositories with open items), if `movements` are
            summed over repositories.
    """
    count = max((today - first).days + 1, 0) // 7
    begins = today - WEEK * count + timedelta(days=1)
    before: dict[str, int] = {}
    counts: dict[str, list[list[int]]] = {}
    for repository, day, moved in movements:
        if day > today:
            continue
        if repository not in counts:
            counts[repository] = [[0, 0, 0] for _ in range(count)]
            before[repository] = 0
        if day < begins:
            before[repository] += moved.open_change
            continue
        week = counts[repository][(day - begins).days // 7]
        week[0] += moved.new + moved.regressed
        week[1] += moved.fixed
        week[2] += moved.open_change - moved.new - moved.regressed + moved.fixed
    names = sorted(counts)
    return History(
        today,
        tuple(_with_open(counts[name], before[name]) for name in names),
        tuple(before[name] for name in names),
        None if opened is None else _running(opened, begins, count),
    )


def _running(opened: Iterable[tuple[date, int]], begins: date, count: int) -> tuple[int, ...]:
    """Return the number of repositories with open items at the end of each week."""
    changes = [0] * count
    before = 0
    for day, change in opened:
        if day < begins:
            before += change
        elif (week := (day - begins).days // 7) < count:
            changes[week] += change
    return tuple(accumulate(changes, initial=before))[1:]


def _with_open(counts: list[list[int]], before: int) -> tuple[Week, ...]:
    weeks = []
    for opened, fixed, scope in counts:
        before += opened - fixed + scope
        weeks.append(Week(opened, fixed, scope, before))
    return tuple(weeks)
