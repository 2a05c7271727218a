"""Walk the histories of all planned repositories, and stage the results in the store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from headway.model.store_records import MarkRecord, RepositoryRecord, TrackKey
from headway.progress.opening import Opening
from headway.scan.context import ScanContext
from headway.scan.inventory import Inventory
from headway.scan.job import Job, JobResult, Track, Walked
from headway.scan.job_executor import NoMirror, NotReached, Walks
from headway.scan.mirror_provider import ReadyMirror, Supplies
from headway.scan.scope_periods import Pair
from headway.scan.walk_plan import ScanPlan

_BATCH = 200
"""The number of repositories whose openings are read from the store at a time."""
_NOT_REACHED = "the scan reached its time limit before this repository; the next scan continues"


@dataclass(slots=True)
class WalkReport:
    """The combined results of all walks of one scan."""

    commits: int = 0
    blobs: int = 0
    tips: dict[str, str] = field(default_factory=dict)
    """Maps a repository's key to the commit at which the walk ended."""
    first_commits: dict[str, date] = field(default_factory=dict)
    """Maps a repository's key to the day of the first commit, if the walk reached it."""
    walked: set[Pair] = field(default_factory=set)
    """(Campaign, repository) pairs in which a rule's matches were tracked up to the tip."""
    unknown: list[tuple[Pair, str]] = field(default_factory=list)
    """Pairs in which a rule's matches could not be tracked up to the tip, each with the reason."""
    marks: list[MarkRecord] = field(default_factory=list)
    """The chart marks for rewritten histories."""

    def updated(self, records: Mapping[str, RepositoryRecord]) -> dict[str, RepositoryRecord]:
        """Return the records with the tips and first commits that the walks found."""
        walked = self.tips.keys() | self.first_commits.keys()
        return {
            key: self._updated(record) if key in walked else record
            for key, record in records.items()
        }

    def _updated(self, record: RepositoryRecord) -> RepositoryRecord:
        listed = record.listed
        return replace(
            record,
            listed=replace(listed, tip=self.tips.get(listed.key, listed.tip)),
            first_commit_on=self.first_commits.get(listed.key, record.first_commit_on),
        )


def walk_repositories(scan: ScanContext, inventory: Inventory, plan: ScanPlan) -> WalkReport:
    """Walk the planned repositories while other mirrors are still being fetched."""
    return _RepositoryWalks(scan, inventory, plan).run()


class _RepositoryWalks:
    def __init__(self, scan: ScanContext, inventory: Inventory, plan: ScanPlan) -> None:
        self._scan = scan
        self._request = scan.request
        self._records = inventory.records
        self._tracks = plan.tracks
        self._owner_cursors = scan.writer.ownership.cursors()
        self._report = WalkReport()

    def run(self) -> WalkReport:
        """Make the executor fetch and walk the repositories, and stage the results."""
        progress, mirrors = self._request.progress, self._scan.mirrors
        # Known repositories come first, because they take little time. A first scan that reaches
        # its time limit every night therefore still reads new repositories each time.
        keys = sorted(self._tracks, key=self._is_new)
        listed = [self._records[key].listed for key in keys]
        stage = "fetching and reading" if mirrors.fetches(listed) else "reading histories"
        progress.stage(stage, len(self._tracks))
        not_reached: list[str] = []
        executor = self._scan.executor
        for outcome in executor.run(Walks(listed, self._jobs, self._is_late, mirrors)):
            match outcome:
                case NoMirror(key, reason):
                    self._note_missing(key, reason)
                case NotReached(unread):
                    not_reached += unread
                case JobResult():
                    text = self._name(outcome.repository)
                    status = executor.status
                    progress.advance(text=f"{text}; {status}" if status else text)
                    self._stage(outcome)
        self._leave(not_reached)
        return self._report

    def _is_new(self, key: str) -> bool:
        return all(track.cursor is None for track in self._tracks[key])

    def _is_late(self) -> bool:
        stop_at = self._request.stop_at
        return stop_at is not None and self._request.clock() >= stop_at

    def _leave(self, keys: list[str]) -> None:
        """Mark the repositories that the scan did not reach in time as unknown."""
        if not keys:
            return
        self._request.progress.note(
            f"the scan reached its time limit; {len(keys):,} of {len(self._tracks):,} repositories "
            f"{'is' if len(keys) == 1 else 'are'} left for the next scan"
        )
        for key in keys:
            self._add_unknown(key, _NOT_REACHED)

    def _note_missing(self, key: str, reason: str) -> None:
        """Report that a repository is unknown because it could not be fetched."""
        self._request.progress.note(f"unknown: {self._name(key)}: {reason}")
        self._add_unknown(key, reason)

    def _add_unknown(self, key: str, reason: str) -> None:
        campaigns = {track.key.campaign for track in self._tracks[key]}
        self._report.unknown += [((campaign, key), reason) for campaign in campaigns]

    def _jobs(self, supplies: Supplies) -> Iterator[Job]:
        ready = [
            (key, mirror) for key, mirror in supplies.items() if isinstance(mirror, ReadyMirror)
        ]
        for first in range(0, len(ready), _BATCH):
            batch = ready[first : first + _BATCH]
            continued = [
                key for key, _ in batch if any(track.cursor for track in self._tracks[key])
            ]
            campaigns = list(self._scan.campaigns)
            clock = self._scan.started_at.date()
            latest = clock if clock >= self._scan.today else None
            writer = self._scan.writer
            binary_files = writer.ownership.binary_files([key for key, _ in batch])
            openings = self._openings(continued)
            gaps = writer.gaps.of_tracks(continued, campaigns) if continued else {}
            for key, mirror in batch:
                self._report.tips[key] = mirror.tip
                tracks = tuple(
                    Track(
                        track.key,
                        track.current.rule,
                        track.current.fingerprint,
                        track.current.baseline,
                        track.cursor,
                        tuple(openings.get(track.key, ())) if track.cursor else (),
                        tuple(gaps.get(track.key, ())) if track.cursor else (),
                        track.current.has_conditions,
                    )
                    for track in self._tracks[key]
                )
                yield Job(
                    key,
                    self._name(key),
                    mirror.git_dir,
                    mirror.tip,
                    tracks,
                    self._scan.today,
                    latest,
                    self._request.limits,
                    frozenset(binary_files.get(key, ())),
                    self._owner_cursors.get(key),
                    mirror.can_fetch,
                    mirror.why_lacking,
                    workspace=self._request.workspace,
                    match_cache=self._request.match_cache,
                )

    def _openings(self, repositories: Sequence[str]) -> Mapping[TrackKey, Sequence[Opening]]:
        """Return the openings that earlier walks found in these repositories, by track."""
        if not repositories:
            return {}
        writer, campaigns = self._scan.writer, self._scan.campaigns
        simple = [name for name in campaigns if not campaigns[name].has_conditions]
        others = [name for name in campaigns if campaigns[name].has_conditions]
        found = writer.items.openings(repositories, simple)
        return {**found, **writer.matches.openings(repositories, others)} if others else found

    def _stage(self, result: JobResult) -> None:
        """Stage the results of one walk, and report its failures."""
        report, writer, key = self._report, self._scan.writer, result.repository
        report.commits += result.commits
        report.blobs += result.blobs
        if result.tip is not None:
            report.tips[key] = result.tip
        if result.first_commit_on is not None:
            report.first_commits[key] = result.first_commit_on
        for walked in result.walked:
            writer.walks.stage(walked.key, walked.openings, walked.cursor, afresh=walked.afresh)
            if walked.gaps is not None:
                writer.gaps.stage(walked.key, walked.gaps)
                self._note_past_gaps(walked)
            report.walked.add((walked.key.campaign, key))
        files = result.owner_files
        if files is not None:
            writer.ownership.stage(key, files.versions, files.cursor, afresh=files.afresh)
            for path in files.unread:
                self._request.progress.note(
                    f"{self._name(key)}: a version of {path} cannot be read; the owners from its "
                    "last readable version are kept"
                )
        for track, reason in result.failures:
            report.unknown.append(((track.campaign, key), reason))
        for reason in dict.fromkeys(reason for _, reason in result.failures):
            self._request.progress.note(f"unknown: {self._name(key)}: {reason}")
        if result.unreadable is not None:
            commit, reason = result.unreadable
            self._request.progress.note(
                f"{self._name(key)}: the history before commit {commit[:12]} is unknown, because "
                f"{reason}; the numbers since then are not affected"
            )
        if result.rewritten is not None:
            self._mark_rewritten(result, result.rewritten)

    def _note_past_gaps(self, walked: Walked) -> None:
        past = sum(1 for gap in walked.gaps or () if gap.closed_at is not None)
        if past:
            versions = "1 past version" if past == 1 else f"{past:,} past versions"
            self._request.progress.note(
                f"{self._name(walked.key.repository)}: rule {walked.key.rule} could not read "
                f"{versions} of files; `headway status` shows the days with inexact numbers"
            )

    def _mark_rewritten(self, result: JobResult, rewritten: tuple[str, str]) -> None:
        old, new = (commit[:12] for commit in rewritten)
        key = result.repository
        text = f"{self._name(key)}: history rewritten ({old} is not an ancestor of {new})"
        self._request.progress.note(text)
        self._report.marks += [
            MarkRecord(campaign, key, self._scan.today, "history rewritten", text)
            for campaign in {walked.key.campaign for walked in result.walked}
        ]

    def _name(self, key: str) -> str:
        return self._records[key].listed.name
