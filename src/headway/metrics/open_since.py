"""Since when there have been open items, which decides what has stalled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from headway.progress.health import is_stalled
from headway.store.store_reader import Store


@dataclass(frozen=True, slots=True)
class OpenSince:
    """Reads since when a campaign, or parts of it, have had open items.

    The store is read only for what had no fix recently: nothing else can have stalled.
    """

    store: Store
    campaign: str
    rules: tuple[str, ...]
    """Ids of the deprecated rules."""
    first_day: date
    """The campaign's first day."""
    today: date

    def whole(self, last_fix: date | None, repositories: Sequence[str] | None = None) -> date:
        """Since when there have been open items, but not before the campaign's first day.

        Args:
            last_fix: The last day with a fix; None if there was none.
            repositories: The repositories whose items count together, by key; None means all.
        """
        if not is_stalled(self.first_day, last_fix, self.today):
            return self.first_day
        since = self.store.ledger.open_since(self.campaign, self.today, self.rules, repositories)
        return max(since or self.first_day, self.first_day)

    def parts(
        self, by: Literal["team", "repository"], last_fixes: Mapping[str, date | None]
    ) -> dict[str, date]:
        """The same for each team or repository.

        last_fixes: Team or key of a repository with open items to the last day with a fix.
        """
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
