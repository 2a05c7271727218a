"""Build the pages, tables and badges of campaigns, teams and repositories in one process."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import chain, groupby
from operator import attrgetter
from typing import Self

from headway.metrics.change_log import ChangeLogReader
from headway.metrics.change_records import Change
from headway.metrics.records import ItemRow
from headway.metrics.weekly_activity import PastWeeks, past_weeks
from headway.model.audience import may_see
from headway.site import feeds_and_badges
from headway.site.build.build_plan import BuildPlan, ItemsTask, RepositoryTask, TeamTask
from headway.site.build.campaign_builder import CampaignBuilder
from headway.site.build.data_tables import table
from headway.site.build.incremental_output import Unit
from headway.site.build.item_fragments import copy_piece
from headway.site.build.manifest import Manifest, TablePiece
from headway.site.build.page_writer import PageWriter
from headway.site.build.record_files import decode_repositories
from headway.site.build.store_source import StoreSource
from headway.site.campaign_slices import RepositorySlice
from headway.site.repository_page import first_listed_day, repository_pages
from headway.site.team_page import team_pages
from headway.store.store_reader import damage_reported, open_store
from headway.urls import badge_file, campaign_data, team_data

# The limit is low, because each process also needs memory for its Python objects.
_STORE_MEMORY = "128MB"


class PageBuilder:
    """Builds files of the site. Each builder reads the store through its own connection.

    The builder is a context manager that closes the connection. Each method returns the manifest of
    the files that it wrote. The methods raise `OSError`, and errors from the store and the
    templates.
    """

    def __init__(self, plan: BuildPlan) -> None:
        self._plan = plan
        self._open = ExitStack()
        self._writer = PageWriter(plan)
        self._output = self._writer.output
        self._store = self._open.enter_context(
            open_store(plan.store, memory=_STORE_MEMORY, threads=1)
        )
        self._source = StoreSource(plan, self._store)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def campaign(self, number: int) -> Manifest:
        """Build a campaign's pages, tables and record file. Other pages need the record file.

        Args:
            number: The index of the campaign in `BuildPlan.campaigns`.
        """
        CampaignBuilder(self._plan, number, self._source, self._writer).build()
        return self._output.hand_over()

    def teams(self, task: TeamTask) -> Manifest:
        """Build the pages and tables of some teams."""
        stale: dict[str, list[Unit]] = {}
        for team in task.teams:
            units = self._team_units(team, task.campaigns)
            units = [unit for unit in units if not self._output.reuse(unit)]
            if units:
                stale[team] = units
        with damage_reported(self._plan.store):
            for team, items in self._items_of_teams(stale, self._ids(task.campaigns)):
                for unit in stale[team]:
                    with self._output.building(unit) as pieces:
                        if unit.templates:
                            self._write_team_pages(team, task.campaigns, items)
                        else:
                            pieces.extend(self._write_team_table(team, task.campaigns, items))
        return self._output.hand_over()

    def campaign_items(self, task: ItemsTask) -> Manifest:
        """Build the table of all open items of a campaign.

        The rows are sorted by team, repository, path and line. Call `teams` first, because the
        table consists of the items that `teams` has formatted.
        """
        campaign = self._plan.campaigns[task.campaign]
        source = self._plan.campaign_source(campaign)
        unit = Unit(f"data/campaigns/{campaign.id}/items", source)
        if not self._output.reuse(unit):
            fragments, site = self._plan.fragments, self._plan.place.folder
            path = partial(campaign_data, campaign.id, "items")
            with self._output.building(unit), table(self._output, path, ItemRow) as rows:
                for team in task.teams:
                    if fragments.has(team, campaign.id):
                        fragments.copy(team, [campaign.id], rows)
                    else:
                        # The team's table was reused, so it contains the current items.
                        pieces = self._output.pieces(f"data/teams/{team}")
                        copy_piece(site, team, pieces, campaign.id, rows)
        return self._output.hand_over()

    def repositories(self, task: RepositoryTask) -> Manifest:
        """Build the pages of a batch of repositories."""
        parts: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for number in task.campaigns:
            for name, texts in self._plan.records(number).batch_texts(task.batch).items():
                parts[name] += [(number, text) for text in texts]
        units = {name: self._repository_unit(name, parts[name]) for name in sorted(parts)}
        stale = {name: unit for name, unit in units.items() if not self._output.reuse(unit)}
        slices = decode_repositories({name: [text for _, text in parts[name]] for name in stale})
        with damage_reported(self._plan.store):
            past = self._past_weeks(stale)
            changes = self._changes(slices, past)
            for name, items in self._items_of_repositories(stale, self._ids(task.campaigns)):
                with self._output.building(stale[name]):
                    self._write_repository_pages(
                        name, slices[name], items, past[name], changes.get(name, ())
                    )
        return self._output.hand_over()

    def _team_units(self, team: str, campaigns: Sequence[int]) -> list[Unit]:
        """Return the two units of a team's files: its pages, and its table of open items."""
        texts = {
            number: text
            for number in campaigns
            if (text := self._plan.records(number).team_text(team)) is not None
        }
        needs = tuple(self._plan.records(number).needs_text(team) for number in campaigns)
        items = self._plan.sources.of_team(team, self._ids(texts))
        record = tuple(texts.values()), items
        return [
            Unit(f"teams/{team}", (record, needs), ("team.html", "badge.svg")),
            Unit(f"data/teams/{team}", record),
        ]

    def _write_team_pages(
        self, team: str, campaigns: Sequence[int], items: Sequence[ItemRow]
    ) -> None:
        plan = self._plan
        records = [plan.records(number) for number in campaigns]
        slices = [file.team(team) for file in records if file.team_text(team) is not None]
        needs = [file.needs(team) for file in records if file.needs_text(team) is not None]
        for page in team_pages(team, slices, items, needs, plan.today, plan.scanned_on):
            self._writer.render("team.html", page, page.frame.path)
        badge = feeds_and_badges.team_badge(team, [part.row for part in slices])
        self._writer.write_badge(badge, badge_file("teams", team))

    def _write_team_table(
        self, team: str, campaigns: Sequence[int], items: Iterable[ItemRow]
    ) -> Iterator[TablePiece]:
        ids, fragments = self._ids(campaigns), self._plan.fragments
        fragments.write(team, items, ids)
        with table(self._output, partial(team_data, team), ItemRow) as rows:
            fragments.copy(team, ids, rows)
        return fragments.pieces(team, ids)

    def _repository_unit(self, name: str, parts: Sequence[tuple[int, str]]) -> Unit:
        ids = self._ids(number for number, _ in parts)
        items = self._plan.sources.of_repository(name, ids)
        record = tuple(text for _, text in parts), items
        return Unit(f"repositories/{name}", record, ("repository.html", "badge.svg"))

    def _write_repository_pages(
        self,
        name: str,
        slices: Sequence[RepositorySlice],
        items: Sequence[ItemRow],
        past: PastWeeks,
        changes: Sequence[Change],
    ) -> None:
        plan = self._plan
        for page in repository_pages(
            name, slices, items, past, changes, plan.today, plan.scanned_on
        ):
            self._writer.render("repository.html", page, page.frame.path)
        badge = feeds_and_badges.repository_badge([part.row for part in slices])
        self._writer.write_badge(badge, badge_file("repositories", name))

    def _items_of_teams(
        self, teams: Iterable[str], campaigns: Sequence[str]
    ) -> Iterator[tuple[str, list[ItemRow]]]:
        """Yield each team's name and open items, sorted by name."""
        names = sorted(teams)
        items = self._source.open_items.of_teams(names, campaigns) if names else iter(())
        yield from _grouped(names, items, attrgetter("team"))

    def _items_of_repositories(
        self, repositories: Iterable[str], campaigns: Sequence[str]
    ) -> Iterator[tuple[str, list[ItemRow]]]:
        """Yield each repository's name and open items, sorted by name."""
        names = sorted(repositories)
        keys = [key for name in names for key in self._source.keys[name]]
        items = self._source.open_items.of_repositories(keys, campaigns) if keys else iter(())
        yield from _grouped(names, items, attrgetter("repository"))

    def _past_weeks(self, repositories: Iterable[str]) -> dict[str, PastWeeks]:
        """Return the weekly changes in these repositories, by repository name."""
        keys = {name: self._source.keys[name] for name in sorted(repositories)}
        if not keys:
            return {}
        past = past_weeks(
            self._store, self._plan.campaigns, [*chain(*keys.values())], self._plan.today
        )
        # If two repositories have the same name, at most one of them has changes in any one
        # campaign.
        return {
            name: {campaign: weeks for key in own for campaign, weeks in past.get(key, {}).items()}
            for name, own in keys.items()
        }

    def _changes(
        self,
        slices: Mapping[str, Sequence[RepositorySlice]],
        past: Mapping[str, PastWeeks],
    ) -> Mapping[str, Sequence[Change]]:
        """Return the changes that each repository's page lists, by repository name."""
        since = {
            key: first
            for name, own in slices.items()
            if self._may_see(name) and (first := first_listed_day(own, past[name])) is not None
            for key in self._source.keys[name]
        }
        if not since:
            return {}
        log = ChangeLogReader(self._store, self._source.repositories, self._plan.today)
        return log.of_repositories(self._plan.campaigns, since)

    def _may_see(self, name: str) -> bool:
        """Return whether the site's readers are allowed to see the contents of the repository."""
        return all(
            may_see(self._source.repositories[key].listed.visibility, self._plan.audience)
            for key in self._source.keys[name]
        )

    def _ids(self, campaigns: Iterable[int]) -> list[str]:
        return [self._plan.campaigns[number].id for number in campaigns]


def _grouped(
    names: Iterable[str], items: Iterable[ItemRow], name_of: Callable[[ItemRow], str]
) -> Iterator[tuple[str, list[ItemRow]]]:
    """Yield each name with its items, if any. Both inputs must be sorted by name."""
    groups = groupby(items, key=name_of)
    found = next(groups, None)
    for name in names:
        if found is not None and found[0] == name:
            yield name, list(found[1])
            found = next(groups, None)
        else:
            yield name, []
