"""Find the day since which items have been open. It shows whether work has stalled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from headway.progress.health import is_stalled
from headway.store.store_reader import Store


@dataclass(frozen=True, slots=True)
class OpenSince:
    """Finds the day since which a campaign, team or repository has had open items.

    The store is read only if there was no recent fix. After a recent fix, the campaign, team or
    repository is not stalled, so the day is irrelevant.
    """

    store: Store
    campaign: str
    rules: tuple[str, ...]
    first_day: date
    """The first day on which the campaign counts items."""
    today: date

    def whole(self, last_fix: date | None, repositories: Sequence[str] | None = None) -> date:
        """Return the day since which items have been open, or the first day if that is later.

        After a recent fix, the result is always the first day.
        """
        if not is_stalled(self.first_day, last_fix, self.today):
            return self.first_day
        since = self.store.ledger.open_since(self.campaign, self.today, self.rules, repositories)
        return max(since or self.first_day, self.first_day)

    def parts(
        self, by: Literal["team", "repository"], last_fixes: Mapping[str, date | None]
    ) -> dict[str, date]:
        """Return the day since which each team or repository has had open items. See `whole`."""
        quiet = [
            name
            for name, last_fix in last_fixes.items()
            if is_stalled(self.first_day, last_fix, self.today)
        ]
        found = dict.fromkeys(last_fixes, self.first_day)
        if quiet:
            since = self.store.ledger.open_since_by(
                by, self.campaign, self.today, self.rules, quiet
            )
            found |= {name: max(day, self.first_day) for name, day in since.items()}
        return found
