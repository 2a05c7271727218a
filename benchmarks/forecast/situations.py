"""The weeks in which forecasts are judged, and what was known at their end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from benchmarks.forecast.migrations import Migration
from headway.progress.forecast_model import Features, features, open_repositories, residual_of
from headway.progress.weekly_history import History

EVERY = 4
"""The number of weeks between two judged weeks."""


@dataclass(frozen=True, slots=True)
class Situation:
    """One week of a migration, at whose end a forecast is made."""

    migration: Migration
    summed: History
    """The history of the migration, summed over its repositories."""
    number: int
    """The number of the week, counted from 1."""

    @property
    def finish(self) -> int:
        """The number of weeks from this week until the finish, or until the end of the history."""
        return len(self.summed.weeks) - self.number

    @property
    def history(self) -> History:
        """The history up to the end of this week, summed over the repositories."""
        return self.summed.until(self.number)

    @property
    def residual(self) -> int:
        """The number of open items at which the migration would count as completed then."""
        return residual_of(self.history, 1)

    @property
    def features(self) -> Features:
        """The features of the model. The history begins with the migration."""
        history = self.history
        return features(history, 1, self.residual, open_repositories(history))

    @property
    def left(self) -> int:
        """The number of items that must be fixed before the migration counts as completed."""
        return self.summed.weeks[self.number - 1].open - self.residual


def situations(migrations: Iterable[Migration]) -> Iterator[Situation]:
    """Yield every fourth week of each migration in which it was not completed."""
    for migration in migrations:
        whole = migration.history.summed()
        for number in range(1, len(whole.weeks), EVERY):
            found = Situation(migration, whole, number)
            if found.left > 0:
                yield found
