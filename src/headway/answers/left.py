"""What is left: the open items of campaigns, read from the store whenever they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

from headway.answers.exemptions import waivers_on
from headway.answers.items import item_row_on
from headway.answers.records import ItemRow
from headway.definition.campaign import Campaign
from headway.definition.scope import name_matches
from headway.forges.interface import Visibility
from headway.progress.exempt import Waiver
from headway.store.reading import Reader
from headway.store.records import OpenItems, RepositoryRecord


class Left:
    """Items of the rules that campaigns have now, in their scope and open at the end of a day.

    None of them is held here: there may be more than fit into memory. repositories: all of the
    store. may_see: which repositories' items may be given.
    """

    def __init__(
        self,
        store: Reader,
        campaigns: Sequence[Campaign],
        repositories: Mapping[str, RepositoryRecord],
        *,
        today: date,
        may_see: Callable[[Visibility], bool] = lambda _: True,
    ) -> None:
        self._store = store
        self._repositories = repositories
        self._roles = {
            (campaign.id, rule.id): rule.role for campaign in campaigns for rule in campaign.rules
        }
        self._waivers = {
            campaign.id: waivers_on(store, campaign.id, today) for campaign in campaigns
        }
        self._today = today
        self._may_see = may_see

    def of_campaign(self, campaign: str, *, regressed: bool = False) -> Iterator[ItemRow]:
        """By repository, path and line. regressed: only those that were fixed before."""
        yield from self._rows(OpenItems(self._today, (campaign,), regressed=regressed))

    def of_team(self, team: str, campaigns: Sequence[str]) -> Iterator[ItemRow]:
        """By campaign in this order, then repository, path and line."""
        yield from self._rows(OpenItems(self._today, tuple(campaigns), team=team))

    def of_repositories(self, keys: Sequence[str], campaigns: Sequence[str]) -> Iterator[ItemRow]:
        """By repository, then campaign in this order, path and line."""
        wanted = OpenItems(self._today, tuple(campaigns), repositories=tuple(keys))
        yield from self._rows(wanted)

    def _rows(self, wanted: OpenItems) -> Iterator[ItemRow]:
        for key, opening, team in self._store.open_items(wanted):
            role = self._roles.get((key.campaign, key.rule))
            listed = self._repositories[key.repository].listed
            if role != "deprecated" or not self._may_see(listed.visibility):
                continue
            waivers = self._waivers[key.campaign]
            if not (waivers and _is_exempt(waivers, listed.name, key.rule, opening.path)):
                yield item_row_on(self._today, key, role, listed, opening, team)


def _is_exempt(waivers: Sequence[Waiver], repository: str, rule: str, path: str) -> bool:
    return any(
        waiver.covers(rule, path)
        for waiver in waivers
        if name_matches(waiver.repositories, repository)
    )
