"""What is left: the open items of campaigns, read from the store whenever they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date
from functools import lru_cache

from headway.metrics.exemption_rows import exemption_periods_on
from headway.metrics.item_rows import link_to
from headway.metrics.records import ItemRow
from headway.model.campaign import Campaign
from headway.model.repository import Repository, Visibility
from headway.model.store_records import OpenItems, OpenRow, RepositoryRecord
from headway.progress.exemptions import ExemptionPeriod, exemption_periods_for
from headway.store.store_reader import Store


class OpenItemReader:
    """Items of the rules that campaigns have now, in their scope and open at the end of a day.

    None of them is held here: there may be more than fit into memory. repositories: all of the
    store. may_see: which repositories' items may be given.
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
        self._store = store
        self._listed = {
            key: record.listed
            for key, record in repositories.items()
            if may_see(record.listed.visibility)
        }
        self._roles = {
            (campaign.id, rule.id): rule.role for campaign in campaigns for rule in campaign.rules
        }
        self._waivers = {
            campaign.id: tuple(exemption_periods_on(store, campaign.id, today))
            for campaign in campaigns
        }
        self._today = today

    def regressed(self, campaign: str) -> Iterator[ItemRow]:
        """Those of a campaign that were fixed before, by repository, path and line."""
        yield from self._rows(OpenItems(self._today, (campaign,), regressed=True))

    def of_teams(self, teams: Sequence[str], campaigns: Sequence[str]) -> Iterator[ItemRow]:
        """By team and campaign in these orders, then repository, path and line."""
        yield from self._rows(OpenItems(self._today, tuple(campaigns), teams=tuple(teams)))

    def of_repositories(self, keys: Sequence[str], campaigns: Sequence[str]) -> Iterator[ItemRow]:
        """By repository, then campaign in this order, path and line."""
        wanted = OpenItems(self._today, tuple(campaigns), repositories=tuple(keys))
        yield from self._rows(wanted)

    def _rows(self, wanted: OpenItems) -> Iterator[ItemRow]:
        for row in self._store.items.open_items(wanted):
            role = self._roles.get((row.campaign, row.rule))
            listed = self._listed.get(row.repository)
            if role != "deprecated" or listed is None:
                continue
            waivers = self._waivers[row.campaign]
            if not (waivers and _is_exempt(waivers, listed.name, row)):
                yield _item(row, role, listed)


def _is_exempt(waivers: tuple[ExemptionPeriod, ...], repository: str, row: OpenRow) -> bool:
    return any(waiver.covers(row.rule, row.path) for waiver in _concerned(waivers, repository))


@lru_cache(maxsize=1024)
def _concerned(waivers: tuple[ExemptionPeriod, ...], repository: str) -> list[ExemptionPeriod]:
    return exemption_periods_for(waivers, repository)


def _item(row: OpenRow, role: str, listed: Repository) -> ItemRow:
    """As `items.item_row_on` makes it of a whole opening."""
    # what was fixed since is linked where it was seen
    commit = listed.tip or row.opened_commit if row.stays else row.opened_commit
    # by their places: names cost as much again, and there are millions
    return ItemRow(
        row.item,
        row.campaign,
        row.rule,
        role,
        listed.name,
        row.path,
        row.line,
        row.column,
        row.excerpt,
        row.team,
        "open",
        row.regressed,
        row.opened_at.replace(tzinfo=UTC),
        row.opened_commit,
        row.at_baseline,
        None,
        None,
        None,
        link_to(listed, row.path, row.line if row.stays else None, commit),
        row.captures,
        row.opened_by,
    )
