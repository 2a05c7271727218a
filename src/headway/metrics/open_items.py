"""Stream the open items of campaigns from the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

from headway.metrics.exemption_rows import exemption_periods_on, is_exempt
from headway.metrics.item_rows import open_item_row
from headway.metrics.records import ItemRow
from headway.model.campaign import Campaign
from headway.model.item_records import OpenItems
from headway.model.repository import Visibility
from headway.model.store_records import RepositoryRecord
from headway.store.store_reader import Store


class OpenItemReader:
    """Reads items of current rules that are open, in scope and not exempt at the end of a day.

    The items are streamed, because they may not fit into memory.
    """

    def __init__(
        self,
        store: Store,
        campaigns: Sequence[Campaign],
        repositories: Mapping[str, RepositoryRecord],
        *,
        today: date,
        may_see: Callable[[Visibility], bool] = lambda _: True,
    ) -> None:
        """Prepare to read items.

        Args:
            store: The store, which must stay open while items are read.
            campaigns: The campaigns whose items can be read.
            repositories: All repositories in the store, by key.
            today: The day at the end of which the items must be open.
            may_see: Returns whether to include repositories with the given visibility. By default,
                all repositories are included.
        """
        self._store = store
        self._listed = {
            key: record.listed
            for key, record in repositories.items()
            if may_see(record.listed.visibility)
        }
        self._roles = {
            (campaign.id, rule.id): rule.role for campaign in campaigns for rule in campaign.counted
        }
        self._exemptions = {
            campaign.id: tuple(exemption_periods_on(store, campaign.id, today))
            for campaign in campaigns
        }
        self._today = today

    def newest(self, campaign: str, count: int) -> Iterator[ItemRow]:
        """Yield up to `count` items of a campaign: regressed items, then the latest openings.

        Baseline items come last, sorted by repository, path and line. Exempt items are included in
        the count but not returned.
        """
        yield from self._rows(OpenItems(self._today, (campaign,), newest=count))

    def of_teams(self, teams: Sequence[str], campaigns: Sequence[str]) -> Iterator[ItemRow]:
        """Yield items by team and campaign (in the given order), repository, path and line.

        Args:
            teams: The teams whose items are read.
            campaigns: The IDs of the campaigns whose items are read.
        """
        yield from self._rows(OpenItems(self._today, tuple(campaigns), teams=tuple(teams)))

    def of_repositories(self, keys: Sequence[str], campaigns: Sequence[str]) -> Iterator[ItemRow]:
        """Yield items by repository name, campaign (in the given order), path and line."""
        wanted = OpenItems(self._today, tuple(campaigns), repositories=tuple(keys))
        yield from self._rows(wanted)

    def _rows(self, wanted: OpenItems) -> Iterator[ItemRow]:
        for opening in self._store.items.open_items(wanted):
            role = self._roles.get((opening.campaign, opening.rule))
            listed = self._listed.get(opening.repository)
            if role is None or listed is None:
                continue
            periods = self._exemptions[opening.campaign]
            if not is_exempt(periods, listed.name, opening.rule, opening.path):
                yield open_item_row(opening, role, listed)
