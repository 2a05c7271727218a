"""Builds the whole site."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

import headway
from headway.hashing import file_fingerprint, fingerprint_of, folder_fingerprint
from headway.metrics.records import CampaignReport, StatusRow
from headway.model.audience import Audience
from headway.model.campaign import Campaign
from headway.model.progress_reporter import ProgressReporter, SilentReporter
from headway.scratch_dir import remove_stale_scratch_dirs
from headway.site import feeds_and_badges as extras
from headway.site.build.build_pool import Spread, spreading
from headway.site.build.build_tasks import (
    CampaignBuilt,
    ItemsPart,
    Plan,
    RepositoriesPart,
    TeamsPart,
    Traces,
)
from headway.site.build.data_tables import Piece, table
from headway.site.build.manifest import MANIFEST, Manifest, is_intact, read_manifest
from headway.site.build.page_builder import Builder
from headway.site.build.page_output import Output
from headway.site.build.publish import DESCRIPTION, replacing
from headway.site.index_page import portfolio_page
from headway.site.pagination import by_due
from headway.store.atomic_update import held
from headway.store.database import StoreDamagedError, log_of
from headway.store.store_reader import Store, open_store
from headway.templating import Templates
from headway.urls import INDEX, campaign_file, data_file
from headway.version import __version__
from headway.wording.formats import FILTERS

_BATCH = 500
"""Repositories whose pages are one piece of work."""
_TEAMS_AT_ONCE = 4

_SMALL = 2_000
"""Pairs of campaign and repository."""
_MOST_WORKERS = 4
"""Each holds its own part of memory, and the disk has its limits, too."""


@dataclass(frozen=True, slots=True)
class SiteRequest:
    """What to build, and where.

    reports: folders of templates, the user's own first. audience: see `audience.may_see`.
    workers: how many processes build pages; None for as many as the site is large.
    """

    store: Path
    campaigns: tuple[Campaign, ...]
    reports: tuple[Path, ...]
    out: Path
    today: date
    audience: Audience = "internal"
    workers: int | None = None
    progress: ProgressReporter = SilentReporter()  # noqa: RUF009 - has no state


def build_site(request: SiteRequest) -> Path:
    """Writes every page below `out`, whole or not at all; gives the index.

    What the site has already is not made again; the result is the same. Raises what reading the
    store, `placing.replacing` and `Templates.render` raise.
    """
    with open_store(request.store):
        pass  # what is wrong with it is said of its own name
    # all pages are of one scan, also when another one ends meanwhile
    with held(request.store) as store:
        try:
            return _build(replace(request, store=store))
        except StoreDamagedError as error:
            raise StoreDamagedError(request.store, error.reason) from error


def _build(request: SiteRequest) -> Path:
    inputs = _inputs(request)
    everything = fingerprint_of(
        inputs,
        request.campaigns,
        *(each.file.read_bytes() for each in request.campaigns if each.file is not None),
        *map(folder_fingerprint, request.reports),
    )
    before = read_manifest(request.out)
    if before.inputs == everything and is_intact(request.out, before):
        remove_stale_scratch_dirs(request.out.resolve())
        return request.out / INDEX
    with open_store(request.store) as store:
        keys: dict[str, list[str]] = {}
        for key, record in sorted(store.repositories.records().items()):
            keys.setdefault(record.listed.name, []).append(key)
        traces = _traces(request, store, keys)
    names = sorted(keys)
    with replacing(request.out) as place:
        plan = Plan(
            request.store,
            request.campaigns,
            request.reports,
            request.today,
            request.audience,
            place,
            inputs,
            traces,
            tuple(names[::_BATCH]) or ("",),
        )
        with spreading(plan, request.workers or _workers(request, len(names))) as spread:
            written = _Site(request, plan, spread).build()
        written.inputs = everything
        Output(place.folder).write(MANIFEST, written.text())
    return request.out / INDEX


def _workers(request: SiteRequest, repositories: int) -> int:
    """What is small is done before other processes have begun."""
    if repositories * len(request.campaigns) < _SMALL:
        return 1
    return min(os.cpu_count() or 1, _MOST_WORKERS)


def _inputs(request: SiteRequest) -> str:
    """What pages follow from besides templates and campaigns: a digest of it."""
    store = request.store
    return fingerprint_of(
        _always(request), file_fingerprint(store), file_fingerprint(log_of(store))
    )


def _always(request: SiteRequest) -> str:
    """A checkout of one version may have been edited: its code counts, too."""
    code = folder_fingerprint(Path(headway.__file__).parent, "*.py")
    return fingerprint_of(__version__, code, request.today, request.audience)


def _traces(request: SiteRequest, store: Store, keys: Mapping[str, Sequence[str]]) -> Traces:
    """keys: name of each repository to its keys, sorted."""
    found = store.fingerprints.current()

    def together(groups: Mapping[str, Sequence[str]]) -> dict[str, str]:
        return {
            name: fingerprint_of([found.repositories[key] for key in its])
            for name, its in groups.items()
        }

    always = fingerprint_of(_always(request), found.rest)
    return Traces(always, together(keys), together(found.teams), together(found.campaigns))


class _Site:
    """The coordinator: hands out the work, and writes what is about everything."""

    def __init__(self, request: SiteRequest, plan: Plan, spread: Spread) -> None:
        self._request = request
        self._plan = plan
        self._spread = spread
        self._output = Output(plan.place.folder)
        self._manifest = Manifest()

    def build(self) -> Manifest:
        """Everything; gives what was written."""
        progress = self._request.progress
        campaigns = range(len(self._plan.campaigns))
        progress.stage("campaigns", len(campaigns))
        built = []
        for each in self._spread(Builder.campaign, campaigns):
            built.append(each)
            self._manifest.add(each.written)
            progress.advance(text=each.answer.title)
        self._write_extras(built)
        order = {answer.campaign: n for n, answer in enumerate(by_due([b.answer for b in built]))}
        built.sort(key=lambda each: order[each.answer.campaign])
        self._build_items(built, self._build_teams(built))
        self._build_repositories(built)
        self._manifest.add(self._output.hand_over())
        return self._manifest

    def _build_teams(self, built: Sequence[CampaignBuilt]) -> dict[tuple[str, str], Piece]:
        """Gives where the items of campaigns and teams lie, as `TeamsBuilt` does."""
        teams = _teams(built)
        shelves = tuple(each.shelf for each in built)
        parts = [
            TeamsPart(tuple(teams[at : at + _TEAMS_AT_ONCE]), shelves)
            for at in range(0, len(teams), _TEAMS_AT_ONCE)
        ]
        self._request.progress.stage("teams", len(teams))
        pieces: dict[tuple[str, str], Piece] = {}
        for part, each in zip(parts, self._spread(Builder.teams, parts), strict=True):
            self._manifest.add(each.written)
            pieces |= each.pieces
            self._request.progress.advance(len(part.teams), part.teams[-1])
        return pieces

    def _build_items(
        self, built: Sequence[CampaignBuilt], pieces: Mapping[tuple[str, str], Piece]
    ) -> None:
        numbers = {campaign.id: number for number, campaign in enumerate(self._plan.campaigns)}
        parts = [
            ItemsPart(
                numbers[campaign],
                tuple(teams),
                {team: pieces[campaign, team] for team in teams if (campaign, team) in pieces},
            )
            for campaign, teams in ((each.answer.campaign, _teams([each])) for each in built)
        ]
        self._request.progress.stage("tables", len(parts))
        for written in self._spread(Builder.items, parts):
            self._manifest.add(written)
            self._request.progress.advance()

    def _build_repositories(self, built: Sequence[CampaignBuilt]) -> None:
        shelves = tuple(each.shelf for each in built)
        parts = [RepositoriesPart(number, shelves) for number in range(len(self._plan.batches))]
        self._request.progress.stage("repositories", len(parts) * _BATCH)
        for written in self._spread(Builder.repositories, parts):
            self._manifest.add(written)
            self._request.progress.advance(_BATCH)

    def _write_extras(self, built: Sequence[CampaignBuilt]) -> None:
        templates, output = Templates(self._plan.reports, filters=FILTERS), self._output
        answers = [each.answer for each in built]
        known: dict[str, bool] = {}
        for each in built:
            for name, is_known in each.known.items():
                known[name] = known.get(name, True) and is_known
        attentions = [each.attention for each in built]
        words = {each.answer.campaign: each.words for each in built}
        index = portfolio_page(answers, attentions, words, known, self._plan.today)
        output.write(index.frame.path, templates.render("index.html", index))
        for path, content in (*templates.assets(), *_definitions(answers)):
            output.write(path, content)
        self._write_table("campaigns", [answer.status for answer in answers])
        self._write_table("teams", [row for answer in answers for row in answer.teams])
        having_pages = sorted(frozenset().union(*(each.having_pages for each in built)))
        described = extras.description(
            answers,
            [team for team in _teams(built) if team],
            [name for name in having_pages if name],
            self._plan.today,
            self._plan.audience,
        )
        output.write(DESCRIPTION, described)

    def _write_table(self, name: str, rows: Sequence[StatusRow]) -> None:
        with table(self._output, partial(data_file, name), StatusRow) as opened:
            for row in rows:
                opened.add(row)


def _teams(built: Sequence[CampaignBuilt]) -> list[str]:
    return sorted({row.team for each in built for row in each.answer.teams if row.team is not None})


def _definitions(answers: Sequence[CampaignReport]) -> Iterator[tuple[str, bytes]]:
    """Copies of the campaigns' files; those a public site must not show have none."""
    for answer in answers:
        if answer.definition.file is not None:
            yield campaign_file(answer.campaign), answer.definition.file.read_bytes()
