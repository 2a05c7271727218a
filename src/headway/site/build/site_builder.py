"""Build the site, and reuse files that have not changed since the last build."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, date
from functools import partial
from pathlib import Path

import headway
from headway.hashing import file_fingerprint, fingerprint_of, folder_fingerprint
from headway.metrics.attention.inactivity import DEAD_AFTER
from headway.metrics.records import StatusRow
from headway.model.audience import Audience
from headway.model.campaign import Campaign
from headway.model.progress_reporter import ProgressReporter, SilentReporter
from headway.scratch_dir import remove_stale_scratch_dirs
from headway.site import feeds_and_badges
from headway.site.build.build_plan import BuildPlan, ItemsTask, RepositoryTask, TeamTask
from headway.site.build.build_pool import BuilderLostError, BuildPool, build_pool
from headway.site.build.data_tables import table
from headway.site.build.incremental_output import IncrementalOutput, Unit
from headway.site.build.known_files import KNOWN_FILES, KnownFiles, record_states
from headway.site.build.manifest import MANIFEST, Manifest, lists_all, read_manifest
from headway.site.build.page_builder import PageBuilder
from headway.site.build.page_output import Output
from headway.site.build.publish import DESCRIPTION, Place, replacing
from headway.site.build.record_files import RecordCache
from headway.site.campaign_slices import CampaignSummary
from headway.site.index_page import portfolio_page
from headway.site.pagination import due_order
from headway.store.atomic_update import held
from headway.store.database import StoreDamagedError, log_of
from headway.store.store_reader import open_store
from headway.templating import Templates
from headway.urls import INDEX, data_file
from headway.version import __version__
from headway.wording.formats import FILTERS

_REPOSITORIES_PER_TASK = 1_000
_TEAMS_PER_TASK = 4

_SMALL = 2_000
"""Below this number of (repository, campaign) pairs, one process is faster than several."""

_MOST_WORKERS = 4
"""The maximum number of workers. Additional workers would need memory and mostly wait for the disk.
"""


_TEMPLATES = (
    "index.html",
    "campaign.html",
    "repositories.html",
    "items.html",
    "changes.html",
    "team.html",
    "repository.html",
    "feed.xml",
    "badge.svg",
)


@dataclass(frozen=True, slots=True)
class SiteRequest:
    """The inputs of a build, and the folder of the site."""

    store: Path
    campaigns: tuple[Campaign, ...]

    reports: tuple[Path, ...]
    """The folders with templates: the user's folder first, the shipped folder last."""

    out: Path
    """The folder to which the site is written."""

    today: date

    audience: Audience = "internal"
    """The readers of the pages. See `audience.may_see`."""

    workers: int | None = None
    """The number of worker processes. None means a number that suits the size of the site."""

    progress: ProgressReporter = SilentReporter()  # noqa: RUF009 - has no state

    cache: Path | None = None
    """The folder in which record files are cached for the next build. None means no cache."""

    start_pool: Callable[[BuildPlan], AbstractContextManager[BuildPool]] | None = None
    """Starts the workers of another pool, which replaces the processes on this machine. If a worker
    is lost, the pool raises `BuilderLostError`.
    """


def build_site(request: SiteRequest) -> Path:
    """Write the site completely or not at all, and return the path of its index page.

    Unchanged files of the last build are reused.

    Raises:
        BuilderLostError: A worker process died in the first build, and again in the second attempt.
        CannotWriteError: See `publish.replacing`.
        NotASiteError: See `publish.replacing`.
        PageTemplateError: A template cannot be rendered.
        StoreDamagedError: The store cannot be read. `open_store` can raise further errors.
    """
    # Open the store before it is copied, so that errors name the store instead of the copy.
    with open_store(request.store):
        pass
    # Read a copy of the store, so that all pages show the same scan even if another scan ends
    # during the build.
    with held(request.store) as store:
        try:
            return _build_again_if_killed(replace(request, store=store))
        except StoreDamagedError as error:
            raise StoreDamagedError(request.store, error.reason) from error


def _build_again_if_killed(request: SiteRequest) -> Path:
    """Build the site. If a worker process is killed, build it once more from the beginning."""
    try:
        return _build(request)
    except BuilderLostError:
        return _build(request)


def _build(request: SiteRequest) -> Path:
    # Nothing needs to be done if the inputs and files have not changed since the last build.
    inputs = _all_inputs(request)
    last_build = read_manifest(request.out)
    folder = _cache_folder(request)
    known_files = folder / KNOWN_FILES if folder is not None else None
    if last_build.inputs == inputs and _is_intact(request.out, last_build, known_files):
        remove_stale_scratch_dirs(request.out.resolve())
        return request.out / INDEX

    with replacing(request.out) as new:
        place = replace(new, known_files=known_files)
        plan = _plan(request, place)

        # Reuse the cached record files of campaigns that have not changed since the last build.
        cache = RecordCache(folder)
        records = {
            plan.records_fingerprint(campaign): plan.records(number)
            for number, campaign in enumerate(plan.campaigns)
        }
        for fingerprint, file in records.items():
            cache.take(fingerprint, file.path)

        built = Manifest(inputs)
        with _pool(request, plan) as pool:
            build = _Steps(plan, pool, request.progress, built)

            build.campaigns()
            summaries = {number: plan.records(number).summary() for number in build.numbers}
            order = _by_due(summaries)

            build.index([summaries[number] for number in build.numbers])

            # Build teams first, because the tables of campaigns consist of the teams' items.
            build.teams(_teams(summaries.values()), order)
            build.campaign_items(
                [ItemsTask(number, _teams([summaries[number]])) for number in order]
            )
            build.repositories(order)

        Output(place.folder).write(MANIFEST, built.text())
        cache.replace({fingerprint: file.path for fingerprint, file in records.items()})
        record_states(place.folder, built.files, known_files)
    return request.out / INDEX


def _is_intact(site: Path, manifest: Manifest, known_files: Path | None) -> bool:
    """Return whether a site's folder contains exactly the files of the manifest, unchanged."""
    if not lists_all(site, manifest):
        return False
    known = KnownFiles(site, known_files)
    intact = known.has_all(manifest.files)
    if intact and known.files_read:
        # The states of files change if a site is copied, for example to another machine.
        record_states(site, manifest.files, known_files)
    return intact


def _pool(request: SiteRequest, plan: BuildPlan) -> AbstractContextManager[BuildPool]:
    if request.start_pool is not None:
        return request.start_pool(plan)
    return build_pool(plan, request.workers or _suitable_workers(plan))


class _Steps:
    """Runs the steps of a build. Each step adds the files that it writes to the manifest."""

    def __init__(
        self, plan: BuildPlan, pool: BuildPool, progress: ProgressReporter, built: Manifest
    ) -> None:
        self._plan = plan
        self._pool = pool
        self._progress = progress
        self._built = built
        self.numbers = range(len(plan.campaigns))

    def campaigns(self) -> None:
        self._progress.stage("campaigns", len(self.numbers))
        written = self._pool(PageBuilder.campaign, self.numbers)
        for campaign, manifest in zip(self._plan.campaigns, written, strict=True):
            self._built.add(manifest)
            self._progress.advance(text=campaign.title)

    def index(self, summaries: Sequence[CampaignSummary]) -> None:
        plan = self._plan
        templates = Templates(plan.reports, filters=FILTERS)
        output = IncrementalOutput(plan.place, plan.templates, plan.constants)
        texts = [plan.records(number).summary_text() for number in self.numbers]
        unit = Unit("index", (texts, plan.scanned_at, plan.notes), ("index.html",))
        if not output.reuse(unit):
            with output.building(unit):
                index = portfolio_page(summaries, plan.today, plan.scanned_at, plan.notes)
                output.write(index.frame.path, templates.render("index.html", index))
                teams = [row for summary in summaries for row in summary.teams]
                for name, rows in (
                    ("campaigns", [summary.status for summary in summaries]),
                    ("teams", teams),
                ):
                    with table(output, partial(data_file, name), StatusRow) as out:
                        out.add_all(rows)
                described = feeds_and_badges.description(
                    summaries, plan.today, plan.scanned_at, plan.audience
                )
                output.write(DESCRIPTION, described)
        for path, content in templates.assets():
            output.write(path, content)
        self._built.add(output.hand_over())

    def teams(self, teams: Sequence[str], order: tuple[int, ...]) -> None:
        tasks = [
            TeamTask(tuple(teams[start : start + _TEAMS_PER_TASK]), order)
            for start in range(0, len(teams), _TEAMS_PER_TASK)
        ]
        self._progress.stage("teams", len(teams))
        for task, written in zip(tasks, self._pool(PageBuilder.teams, tasks), strict=True):
            self._built.add(written)
            self._progress.advance(len(task.teams), task.teams[-1])

    def campaign_items(self, tasks: Sequence[ItemsTask]) -> None:
        self._progress.stage("tables", len(tasks))
        for written in self._pool(PageBuilder.campaign_items, tasks):
            self._built.add(written)
            self._progress.advance()

    def repositories(self, order: tuple[int, ...]) -> None:
        tasks = [RepositoryTask(number, order) for number in range(len(self._plan.batches))]
        remaining = len(self._plan.sources.repositories)
        self._progress.stage("repositories", remaining)
        for written in self._pool(PageBuilder.repositories, tasks):
            self._built.add(written)
            finished = min(remaining, _REPOSITORIES_PER_TASK)
            remaining -= finished
            self._progress.advance(finished)


def _plan(request: SiteRequest, place: Place) -> BuildPlan:
    with open_store(request.store) as store:
        last_scan = store.scans.last()
        notes = store.scans.source_notes()
        sources = store.fingerprints.current(request.today - DEAD_AFTER)
    names = sorted(sources.repositories)
    scanned_at = last_scan.finished_at.replace(tzinfo=UTC) if last_scan else None
    templates = Templates(request.reports, filters=FILTERS)
    return BuildPlan(
        store=request.store,
        campaigns=request.campaigns,
        reports=request.reports,
        today=request.today,
        audience=request.audience,
        scanned_at=scanned_at,
        notes=notes,
        place=place,
        constants=fingerprint_of(
            _constants(request), scanned_at.date() if scanned_at is not None else None
        ),
        templates={name: templates.fingerprint(name) for name in _TEMPLATES},
        sources=sources,
        batches=tuple(names[::_REPOSITORIES_PER_TASK]) or ("",),
    )


def _all_inputs(request: SiteRequest) -> str:
    """Return a fingerprint of all inputs of a site."""
    store = request.store
    definitions = [campaign.file for campaign in request.campaigns if campaign.file is not None]
    return fingerprint_of(
        _constants(request),
        file_fingerprint(store),
        file_fingerprint(log_of(store)),
        request.campaigns,
        *(file.read_bytes() for file in definitions),
        *map(folder_fingerprint, request.reports),
    )


def _constants(request: SiteRequest) -> str:
    """Return a fingerprint of the version, code, date and audience, which all pages share."""
    # The version alone is not sufficient, because the code of a checkout can be edited.
    code = folder_fingerprint(Path(headway.__file__).parent, "*.py")
    return fingerprint_of(__version__, code, request.today, request.audience)


def _cache_folder(request: SiteRequest) -> Path | None:
    """Return this site's cache folder, or None without a cache.

    Sites do not share a folder, because their audiences can differ.
    """
    if request.cache is None:
        return None
    return request.cache / fingerprint_of(str(request.out.resolve()))


def _suitable_workers(plan: BuildPlan) -> int:
    """Return a number of worker processes that suits the size of the site."""
    if len(plan.sources.repositories) * len(plan.campaigns) < _SMALL:
        return 1
    return min(os.cpu_count() or 1, _MOST_WORKERS)


def _by_due(summaries: Mapping[int, CampaignSummary]) -> tuple[int, ...]:
    """Return the indices of the campaigns in page order."""
    return tuple(sorted(summaries, key=lambda number: due_order(summaries[number].status)))


def _teams(summaries: Iterable[CampaignSummary]) -> tuple[str, ...]:
    """Return the sorted names of all teams that have or had an item."""
    names = {row.team for summary in summaries for row in summary.teams if row.team is not None}
    return tuple(sorted(names))
