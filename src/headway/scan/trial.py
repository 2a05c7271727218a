"""Try out a campaign at the tips of its repositories, without a store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from headway.forges.distinct_listings import distinct_listings
from headway.forges.source import RemoteSource
from headway.model.repository import Listing, Repository
from headway.model.scope import name_matches, reason_outside
from headway.model.store_records import TrackKey
from headway.model.tip_findings import RuleFindings, TipFindings, Trial, Unsearched
from headway.scan.job import Job, JobResult, Track
from headway.scan.job_runner import Search, load
from headway.scan.mirror_provider import NO_MIRROR, MirrorProvider, ReadyMirror, Supplies
from headway.scan.mirrored_jobs import execute_on_mirrors
from headway.scan.request import NoMatchingRepositoryError, NothingListedError, ScanRequest
from headway.scan.tip_search import TipResult, search_tip
from headway.workers.pool import Workers
from headway.workers.sandbox import ProcessLimits

OUT_OF_TIME = "the search ran out of time"
_READY_PER_WORKER = 4
"""The number of mirrors per worker to wait for before their tips are searched."""


def try_campaign(request: ScanRequest, local_mirrors: Path, search: Search = search_tip) -> Trial:
    """Search the tips of all repositories in the scope of the request's only campaign.

    The store of the request is neither read nor written.

    Args:
        request: The request. With `fetch`, missing mirrors and contents are fetched. After
            `stop_at`, no further tip is searched.
        local_mirrors: A folder for the mirrors of local repositories. The mirrors of all other
            repositories are in `request.mirrors`.
        search: Searches one tip. See `tip_search`.

    Raises:
        NothingListedError: The sources list no repository.
        NoMatchingRepositoryError: The request's patterns match no listed repository.
    """
    load(request.scanner_files)
    limits = request.limits
    with (
        # Create the pool first, because it forks, which is safe only before threads are started.
        Workers(
            request.workers,
            scanner_seconds=limits.scanner_seconds,
            limits=ProcessLimits(limits.memory_bytes),
            preload=(
                "headway.scan.tip_search",
                "headway.scan.job_runner",
                "headway.scan.shipped_scanners",
            ),
        ) as workers,
        MirrorProvider(request) as forges,
        MirrorProvider(replace(request, mirrors=local_mirrors)) as local,
    ):
        listings = list_sources(request, forges)
        trial = _Trial(request, listings, workers, search)
        for mirrors, repositories in zip((forges, local), trial.groups(), strict=True):
            trial.search(repositories, mirrors)
        return trial.result()


def list_sources(request: ScanRequest, mirrors: MirrorProvider) -> list[Listing]:
    """List the repositories of every source, without comparing them with earlier listings.

    Raises:
        NothingListedError: The sources list no repository.
        NoMatchingRepositoryError: The request's patterns match no listed repository.
    """
    request.progress.stage("listing repositories", len(request.sources))
    listings = []
    for source in request.sources:
        listings.append(mirrors.resolve(source, source.list_repositories()))
        request.progress.advance(text=source.id)
    distinct = distinct_listings(listings)
    names = [entry.name for listing in distinct for entry in listing.repositories]
    names += [entry.name for listing in distinct for entry in listing.unlisted]
    if not names:
        raise NothingListedError(request.sources)
    if not any(name_matches(request.repositories, name) for name in names):
        raise NoMatchingRepositoryError(request.repositories)
    return distinct


class _Trial:
    """The repositories of a trial, and the findings in them so far."""

    def __init__(
        self,
        request: ScanRequest,
        listings: Sequence[Listing],
        workers: Workers,
        search: Search = search_tip,
    ) -> None:
        (self._campaign,) = request.campaigns
        self._request = request
        self._listings = listings
        self._workers = workers
        self._search = search
        self._listed = [entry for listing in listings for entry in listing.repositories]
        self._outside = Counter(
            reason
            for entry in self._listed
            if (reason := reason_outside(self._campaign.scope, entry)) is not None
        )
        self._chosen = {
            entry.key: entry
            for entry in sorted(self._listed, key=lambda entry: entry.name)
            if reason_outside(self._campaign.scope, entry) is None
            and name_matches(request.repositories, entry.name)
        }
        self._unsearched = [
            Unsearched(entry.name, entry.reason, entry.reason == NO_MIRROR)
            for listing in listings
            for entry in listing.unlisted
            if name_matches(request.repositories, entry.name)
        ]
        self._found: dict[str, TipFindings] = {}

    def groups(self) -> tuple[list[Repository], list[Repository]]:
        """Return the repositories to search: those on forges, and the local ones."""
        remote = {source.id for source in self._request.sources if isinstance(source, RemoteSource)}
        readable = []
        for entry in self._chosen.values():
            if entry.tip is not None:
                readable.append(entry)
            else:
                branch = entry.default_branch or "HEAD"
                self._fail(entry.key, f"no default branch: {branch} points to no commit")
        self._request.progress.stage("searching", len(readable))
        return (
            [entry for entry in readable if entry.source in remote],
            [entry for entry in readable if entry.source not in remote],
        )

    def search(self, repositories: Sequence[Repository], mirrors: MirrorProvider) -> None:
        """Search the tips of repositories, while others are still being fetched."""
        mirrors.begin(repositories)
        for supplies in mirrors.ready(_READY_PER_WORKER * self._workers.count):
            for jobs in self._batches(list(self._jobs(supplies))):
                self._execute(jobs, mirrors)

    def _batches(self, jobs: Sequence[Job]) -> Iterator[Sequence[Job]]:
        """Yield all jobs together or, if time is limited, a few at a time until the time is up."""
        stop_at = self._request.stop_at
        if stop_at is None:
            yield jobs
            return
        size = _READY_PER_WORKER * self._workers.count
        for start in range(0, len(jobs), size):
            batch = jobs[start : start + size]
            if self._request.clock() < stop_at:
                yield batch
            else:
                for job in batch:
                    self._fail(job.repository, OUT_OF_TIME)

    def _execute(self, jobs: Sequence[Job], mirrors: MirrorProvider) -> None:
        for result in execute_on_mirrors(jobs, self._request, mirrors, self._workers, self._search):
            self._request.progress.advance(text=self._chosen[result.repository].name)
            self._take(result)

    def result(self) -> Trial:
        """Return the findings, and everything that could not be searched."""
        return Trial(
            listed=tuple(self._listed),
            searched=tuple(
                (replace(entry, tip=self._found[key].tip), self._found[key])
                for key, entry in self._chosen.items()
                if key in self._found
            ),
            unsearched=tuple(sorted(self._unsearched, key=lambda entry: entry.name)),
            outside=self._outside,
            unlisted=sum(len(listing.unlisted) for listing in self._listings),
            problems=tuple(problem for listing in self._listings for problem in listing.problems),
        )

    def _jobs(self, supplies: Supplies) -> Iterator[Job]:
        request, broken = self._request, self._request.broken
        clock = request.clock().date()
        for key, mirror in supplies.items():
            if not isinstance(mirror, ReadyMirror):
                self._fail(key, mirror)
                continue
            tracks = tuple(
                Track(TrackKey(self._campaign.id, rule.id, key), rule, "", request.today)
                for rule in self._campaign.rules
                if (self._campaign.id, rule.id) not in broken
            )
            yield Job(
                key,
                self._chosen[key].name,
                mirror.git_dir,
                mirror.tip,
                tracks,
                request.today,
                clock if clock >= request.today else None,
                request.limits,
                can_fetch=mirror.can_fetch,
                why_lacking=mirror.why_lacking,
                workspace=request.workspace,
            )

    def _take(self, result: JobResult) -> None:
        """Record the result of one search, with the rules that failed."""
        failures = {key.rule: reason for key, reason in result.failures}
        found = result.findings if isinstance(result, TipResult) else None
        if found is None:
            self._fail(result.repository, next(iter(failures.values())))
            return
        broken = {rule: reason for (_, rule), reason in self._request.broken.items()}
        by_rule = {findings.rule: findings for findings in found.rules}
        rules = tuple(
            by_rule.get(rule.id)
            or RuleFindings(rule.id, failure=failures.get(rule.id) or broken.get(rule.id))
            for rule in self._campaign.rules
        )
        self._found[result.repository] = replace(found, rules=rules)

    def _fail(self, key: str, reason: str) -> None:
        self._unsearched.append(Unsearched(self._chosen[key].name, reason, reason == NO_MIRROR))
