"""Builds the pages of one campaign, one team or some repositories: the work of one process."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Self

from headway.hashing import fingerprint_of
from headway.metrics.attention.attention_records import Attention
from headway.metrics.attention.campaign_attention import attention
from headway.metrics.audience_policy import HiddenCounts, attention_for, report_for
from headway.metrics.campaign_metrics import CampaignMetrics
from headway.metrics.campaign_report import campaign_report
from headway.metrics.open_items import OpenItemReader
from headway.metrics.records import (
    BurndownPoint,
    CampaignReport,
    ExemptionRow,
    ItemRow,
    Mark,
    PastForecastRow,
    SeriesPoint,
    StatusRow,
)
from headway.metrics.weekly_activity import PastWeeks, past_weeks
from headway.model.audience import may_see
from headway.site import feeds_and_badges as extras
from headway.site.attention_section import briefly, first_of_week, week_in_words
from headway.site.build.build_tasks import (
    CampaignBuilt,
    ItemsPart,
    Plan,
    RepositoriesPart,
    TeamsBuilt,
    TeamsPart,
)
from headway.site.build.data_tables import Piece, table
from headway.site.build.manifest import Manifest, read_manifest
from headway.site.build.page_output import Content, Output
from headway.site.build.record_file import Shelf
from headway.site.build.report_slices import Whole, batch_of, keep, shortened, team_of, whole_of
from headway.site.campaign_page import campaign_context, repositories_pages
from headway.site.pagination import has_page
from headway.site.repository_page import repository_pages
from headway.site.team_page import team_pages
from headway.site.template_context import Badge
from headway.site.weekly_tables import RuleWeek, by_week, captures_by_week, rules_by_week
from headway.store.store_reader import damage_reported, open_store
from headway.templating import Templates
from headway.urls import (
    badge_file,
    campaign_data,
    campaign_page,
    feed_file,
    team_data,
)
from headway.wording.formats import FILTERS

Pages = Iterator[tuple[str, Content]]
Rows = list[tuple[CampaignReport, StatusRow]]
# what all processes together take must leave room for what Python holds
_MEMORY = "128MB"


class Builder:
    """One process's own connection, templates and way to write; to be used as a context.

    Every method raises what reading the store and rendering raise, and `OSError`.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._open = ExitStack()
        self._templates = Templates(plan.reports, filters=FILTERS)
        self._output = Output(plan.place.folder, plan.place.old, read_manifest(plan.place.old))
        self._store = self._open.enter_context(open_store(plan.store, memory=_MEMORY, threads=1))
        self._repositories = self._store.repositories.records()
        self._keys: dict[str, list[str]] = defaultdict(list)
        for key, record in self._repositories.items():
            self._keys[record.listed.name].append(key)
        self._left = OpenItemReader(
            self._store,
            plan.campaigns,
            self._repositories,
            today=plan.today,
            may_see=partial(may_see, audience=plan.audience),
        )
        self._wholes: dict[Path, Whole] = {}
        self._badges: dict[Badge, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def campaign(self, number: int) -> CampaignBuilt:
        """Everything of one campaign alone, by its number in the plan."""
        with damage_reported(self._plan.store):
            campaign = self._plan.campaigns[number]
            digest = fingerprint_of(self._plan.inputs, campaign)
            asked = CampaignMetrics(self._store, campaign, self._plan.today, self._repositories)
            answer, hidden = report_for(self._plan.audience, campaign_report(asked))
            facts = self._attention(asked)
            pages = fingerprint_of(
                digest, self._made_from("campaign", "repositories", "feed", "badge")
            )
            if not self._output.takes_over(f"campaigns/{campaign.id}", pages):
                files = self._campaign_pages(answer, facts, hidden)
                self._output.make(f"campaigns/{campaign.id}", pages, files)
            self._make_campaign_tables(answer)
            return self._built(number, answer, facts)

    def teams(self, part: TeamsPart) -> TeamsBuilt:
        """Everything of some teams."""
        with damage_reported(self._plan.store):
            traces = self._plan.traces.teams
            made_from = self._made_from("team", "badge")
            stale: dict[str, tuple[Rows, str, str]] = {}
            for team in part.teams:
                rows, known = self._of_team(team, part.shelves)
                digest = fingerprint_of(self._plan.traces.always, known, traces.get(team))
                pages = fingerprint_of(digest, made_from)
                if self._output.takes_over(f"data/teams/{team}", digest):
                    digest = ""
                if self._output.takes_over(f"teams/{team}", pages):
                    pages = ""
                if digest or pages:
                    stale[team] = rows, digest, pages
            pieces: dict[tuple[str, str], Piece] = {}
            for team, items in self._items_of_teams(stale, part.shelves):
                pieces |= self._make_team(team, *stale[team], items)
            return TeamsBuilt(self._output.hand_over(), pieces)

    def items(self, part: ItemsPart) -> Manifest:
        """The table of all items of a campaign, once those of its teams are there."""
        with damage_reported(self._plan.store):
            campaign = self._plan.campaigns[part.number]
            unit, traces = f"data/campaigns/{campaign.id}/items", self._plan.traces
            digest = fingerprint_of(traces.always, campaign, traces.campaigns.get(campaign.id))
            if not self._output.takes_over(unit, digest):
                self._output.make(unit, digest, self._items_table(campaign.id, part))
            return self._output.hand_over()

    def _items_table(self, campaign: str, part: ItemsPart) -> Pages:
        """By team, then repository, path and line."""
        missing = [team for team in part.teams if team not in part.pieces]
        items = self._left.of_teams(missing, [campaign]) if missing else iter(())
        unwritten = _grouped(missing, items, attrgetter("team"))
        with table(self._output, partial(campaign_data, campaign, "items"), ItemRow) as opened:
            for team in part.teams:
                piece = part.pieces.get(team)
                if piece is not None:
                    opened.add_written(*self._written(team, piece))
                else:
                    for item in next(unwritten)[1]:
                        opened.add(item)
        yield from ()

    def _written(self, team: str, piece: Piece) -> tuple[bytes, bytes]:
        return (
            self._output.read(team_data(team, "csv"), piece.csv_start, piece.csv_length),
            self._output.read(team_data(team, "json"), piece.json_start, piece.json_length),
        )

    def _of_team(self, team: str, shelves: Iterable[Shelf]) -> tuple[Rows, list[object]]:
        """What its pages show of each campaign, and the same in short for a digest."""
        rows: Rows = []
        known: list[object] = []
        for shelf in shelves:
            whole, own = self._whole(shelf), team_of(shelf, team)
            if own is None:
                continue
            known.append((whole.digest, own))
            series = {team: own.weeks}
            rows.append((replace(whole.answer, team_weeks=series), own.row))
        return rows, known

    def repositories(self, part: RepositoriesPart) -> Manifest:
        """Everything of a batch of repositories."""
        with damage_reported(self._plan.store):
            rows: dict[str, Rows] = defaultdict(list)
            known: dict[str, list[object]] = defaultdict(list)
            for shelf in part.shelves:
                whole, own = self._whole(shelf), batch_of(shelf, part.number)
                answer = replace(whole.answer, facts=own.facts)
                for row in own.rows:
                    name = row.repository or ""
                    rows[name].append((answer, row))
                    known[name].append((whole.digest, row))
            traces = self._plan.traces
            made_from = fingerprint_of(traces.always, self._made_from("repository", "badge"))
            stale = {}
            for name in sorted(rows):
                digest = fingerprint_of(made_from, known[name], traces.repositories[name])
                if not self._output.takes_over(f"repositories/{name}", digest):
                    stale[name] = digest
            past = self._past_of(stale)
            for name, items in self._items_of(stale, part.shelves):
                files = self._repository_pages(name, rows[name], items, past)
                self._output.make(f"repositories/{name}", stale[name], files)
            return self._output.hand_over()

    def _attention(self, asked: CampaignMetrics) -> Attention:
        facts = attention(asked, first_of_week(self._plan.today))
        return attention_for(self._plan.audience, facts)

    def _made_from(self, *templates: str) -> str:
        names = {"feed": "feed.xml", "badge": "badge.svg"}
        return fingerprint_of(
            [self._templates.digest(names.get(name, f"{name}.html")) for name in templates]
        )

    def _campaign_pages(
        self, answer: CampaignReport, facts: Attention, hidden: HiddenCounts | None
    ) -> Pages:
        render = self._templates.render
        yield (
            campaign_page(answer.campaign),
            render("campaign.html", campaign_context(answer, facts, hidden)),
        )
        for listed in repositories_pages(answer):
            yield listed.frame.path, render("repositories.html", listed)
        yield feed_file(answer.campaign), render("feed.xml", extras.feed(answer))
        badge = extras.campaign_badge(answer)
        yield badge_file("campaigns", answer.campaign), self._badge(badge)

    def _make_campaign_tables(self, answer: CampaignReport) -> None:
        traces, unit = self._plan.traces, f"data/campaigns/{answer.campaign}"
        digest = fingerprint_of(
            traces.always,
            answer.definition,
            traces.campaigns.get(answer.campaign),
            (answer.repositories, answer.teams, answer.days, answer.milestones, answer.exemptions),
            # what a scan finds of owners, definitions and listings may change these alone
            (answer.team_weeks_then, answer.marks, answer.capture_series),
        )
        if not self._output.takes_over(unit, digest):
            self._output.make(unit, digest, self._campaign_tables(answer))

    def _campaign_tables(self, answer: CampaignReport) -> Pages:
        def rows(name: str, record: type, rows: Iterable[object]) -> None:
            with table(self._output, partial(campaign_data, answer.campaign, name), record) as it:
                for row in rows:
                    it.add(row)

        rows("repositories", StatusRow, answer.repositories)
        rows("teams", StatusRow, answer.teams)
        rows("burndown", BurndownPoint, answer.days)
        rows("weeks-by-team", BurndownPoint, by_week(answer.team_weeks))
        rows("weeks-by-team-then", BurndownPoint, by_week(answer.team_weeks_then))
        rows("weeks-by-rule", RuleWeek, rules_by_week(answer.rule_weeks))
        rows("captures", SeriesPoint, captures_by_week(answer.capture_series))
        rows("marks", Mark, answer.marks)
        rows("milestones", StatusRow, answer.milestones)
        rows("exemptions", ExemptionRow, answer.exemptions)
        rows("forecasts", PastForecastRow, answer.record.told)
        yield from ()

    def _built(self, number: int, answer: CampaignReport, facts: Attention) -> CampaignBuilt:
        plan = self._plan
        known: dict[str, bool] = {}
        batches: list[list[StatusRow]] = [[] for _ in plan.batches]
        for row in answer.repositories:
            name = row.repository or ""
            known[name] = known.get(name, True) and row.state != "unknown"
            if has_page(row):
                batches[plan.batch_of(name)].append(row)
        return CampaignBuilt(
            shortened(answer),
            briefly(facts),
            week_in_words(facts),
            known,
            frozenset(row.repository or "" for rows in batches for row in rows),
            keep(plan.place.scratch / str(number), answer, batches),
            self._output.hand_over(),
        )

    def _whole(self, shelf: Shelf) -> Whole:
        if shelf.path not in self._wholes:
            self._wholes[shelf.path] = whole_of(shelf)
        return self._wholes[shelf.path]

    def _make_team(
        self, team: str, rows: Rows, digest: str, pages: str, items: Sequence[ItemRow]
    ) -> dict[tuple[str, str], Piece]:
        """digest, pages: of its tables and of its pages; empty where they are there already.

        Gives the pieces of the tables that were made.
        """
        pieces: dict[tuple[str, str], Piece] = {}
        if digest:
            pieces = {(answer.campaign, team): Piece() for answer, _ in rows}
            tables = self._team_tables(team, items, pieces)
            self._output.make(f"data/teams/{team}", digest, tables)
        if pages:
            self._output.make(f"teams/{team}", pages, self._team_pages(team, rows, items))
        return pieces

    def _team_tables(
        self, team: str, items: Sequence[ItemRow], pieces: dict[tuple[str, str], Piece]
    ) -> Pages:
        """pieces: where each campaign's come to lie is noted there."""
        with table(self._output, partial(team_data, team), ItemRow) as opened:
            for campaign, own in groupby(items, key=attrgetter("campaign")):
                pieces[campaign, team] = opened.piece(own)
        yield from ()

    def _team_pages(self, team: str, rows: Rows, items: Sequence[ItemRow]) -> Pages:
        render = self._templates.render
        for page in team_pages(team, rows, items, self._plan.today):
            yield page.frame.path, render("team.html", page)
        badge = extras.team_badge(team, [row for _, row in rows])
        yield badge_file("teams", team), self._badge(badge)

    def _items_of_teams(
        self, teams: Iterable[str], shelves: Iterable[Shelf]
    ) -> Iterator[tuple[str, list[ItemRow]]]:
        """Every one of these teams with what is left for it, by name."""
        wanted = sorted(teams)
        campaigns = [self._whole(shelf).answer.campaign for shelf in shelves]
        items = self._left.of_teams(wanted, campaigns) if wanted else iter(())
        yield from _grouped(wanted, items, attrgetter("team"))

    def _items_of(
        self, names: Iterable[str], shelves: Sequence[Shelf]
    ) -> Iterator[tuple[str, list[ItemRow]]]:
        """Every one of these repositories with what is left in it, by name."""
        wanted = sorted(names)
        keys = [key for name in wanted for key in self._keys[name]]
        campaigns = [self._whole(shelf).answer.campaign for shelf in shelves]
        items = self._left.of_repositories(keys, campaigns) if keys else iter(())
        yield from _grouped(wanted, items, attrgetter("repository"))

    def _past_of(self, names: Iterable[str]) -> dict[str, PastWeeks]:
        """What moved in these repositories, by their keys."""
        keys = [key for name in sorted(names) for key in self._keys[name]]
        if not keys:
            return {}
        return past_weeks(self._store, self._plan.campaigns, keys, self._plan.today)

    def _repository_pages(
        self, name: str, rows: Rows, items: Sequence[ItemRow], past: Mapping[str, PastWeeks]
    ) -> Pages:
        render = self._templates.render
        # of two that share a name one has moved something in each campaign
        moved = {
            campaign: weeks
            for key in self._keys[name]
            for campaign, weeks in past.get(key, {}).items()
        }
        for page in repository_pages(name, rows, items, moved, self._plan.today):
            yield page.frame.path, render("repository.html", page)
        badge = extras.repository_badge([row for _, row in rows])
        yield badge_file("repositories", name), self._badge(badge)

    def _badge(self, badge: Badge) -> str:
        """Those of many repositories say the same."""
        if badge not in self._badges:
            self._badges[badge] = self._templates.render("badge.svg", badge)
        return self._badges[badge]


def _grouped(
    names: Iterable[str], items: Iterable[ItemRow], of: Callable[[ItemRow], str]
) -> Iterator[tuple[str, list[ItemRow]]]:
    """Every name with its items, which come in the order of the names; there may be none."""
    groups = groupby(items, key=of)
    found = next(groups, None)
    for name in names:
        if found is not None and found[0] == name:
            yield name, list(found[1])
            found = next(groups, None)
        else:
            yield name, []
