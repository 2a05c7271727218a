"""Search the files at the tip of one repository, without its history, in one worker."""

from __future__ import annotations

import resource
import time
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, replace

from headway.git.history import Change, TooManyFilesError, Tree, read_tree
from headway.git.mirrors import history_cut_at, is_partial
from headway.git.missing_blobs import absent
from headway.git.objects import BlobReader, UnreadableObjectError
from headway.git.path_encoding import bytes_of, text_of
from headway.git.process import GitError
from headway.git.readable_history import readable_since
from headway.model.campaign import Rule
from headway.model.scope import compiled
from headway.model.tip_findings import RuleFindings, TipFindings, TipMatch
from headway.progress.gaps import ALL_PATHS, Unread
from headway.progress.opening import Found
from headway.scan.blobs_to_read import windows_of_changes
from headway.scan.bound_rule import BoundRule
from headway.scan.commit_chain import Chain, Horizon, whole_chain
from headway.scan.findings import Findings
from headway.scan.isolation import Isolation, isolation_of
from headway.scan.job import Job, JobResult, crashed_rules, failed, why_lacking
from headway.scan.matching import Matcher, RuleSet, indices_of
from headway.scan.unread_files import Explain
from headway.scan.vendored_files import VendoredFiles, attribute_files_in
from headway.scan.walk_route import NothingLandedError
from headway.scan.worktree_scan import find_at_tip
from headway.scanner import RepositoryScanner

_WINDOW = 2_000
"""The maximum number of files to match at a time. The number of matches is checked after each
group, so that a pattern that matches nearly every line fails early.
"""

_AtPaths = Mapping[str, Found | Unread]
"""Maps a path to the matches of a rule, or to the reason why the rule could not read the file."""


@dataclass(frozen=True, slots=True)
class TipResult(JobResult):
    """The result of searching the tip of one repository."""

    findings: TipFindings | None = None
    """The findings, or None if blobs are missing or the repository could not be searched at all."""


def search_tip(job: Job, rules: Sequence[BoundRule]) -> JobResult:
    """Search the files of a repository's tip for the matches of a job's rules.

    Problems with the repository are returned as failures and never raised.

    Args:
        job: The repository and its tracks. Their cursors, openings and gaps are ignored.
        rules: The rules of `job.tracks`, in the same order.
    """
    return _search(job, rules, TimedMatcher)


def search_tip_together(job: Job, rules: Sequence[BoundRule]) -> JobResult:
    """Search like `search_tip` but faster, without measuring the time of each rule."""
    return _search(job, rules, Matcher)


def _search(job: Job, rules: Sequence[BoundRule], matcher: type[Matcher]) -> JobResult:
    try:
        return _TipSearch(job, rules, matcher).run()
    except (GitError, UnreadableObjectError) as error:
        reason = getattr(error, "reason", None) or str(error)
        return failed(job, why_lacking(job, reason), damaged=True)
    except (NothingLandedError, TooManyFilesError) as error:
        return failed(job, str(error))


class TimedMatcher(Matcher):
    """A matcher that calls scanners for one rule at a time, and measures the time of each rule.

    Unlike a matcher with `together=False`, it still searches several small files in one call.
    """

    def __init__(
        self,
        rules: Sequence[BoundRule],
        *,
        together: bool = True,
        isolation: Isolation | None = None,
    ) -> None:
        self.seconds: dict[int, float] = defaultdict(float)
        """The processor time of each rule's scanner, by rule index. It includes the time of the
        programs that the scanner has run.
        """
        # Set the attribute first, because the constructor of the base class calls scanners.
        super().__init__(rules, together=together, isolation=isolation)

    def calling(self, index: int) -> AbstractContextManager[None]:
        return self._timed(index, super().calling(index))

    @contextmanager
    def _timed(self, index: int, call: AbstractContextManager[None]) -> Iterator[None]:
        start = _processor_seconds()
        with call:
            yield
        self.seconds[index] += _processor_seconds() - start

    def calls_for(self, rules: RuleSet) -> Iterator[tuple[str, tuple[int, ...]]]:
        for scanner, indices in super().calls_for(rules):
            yield from ((scanner, (index,)) for index in indices)


class _TipSearch:
    def __init__(
        self, job: Job, rules: Sequence[BoundRule], matcher: type[Matcher] = TimedMatcher
    ) -> None:
        self.job = replace(job, tip=_tip_of(job))
        self.rules = rules
        self.matcher = matcher(rules, together=not job.one_by_one, isolation=isolation_of(job))
        self.seconds: dict[int, float] = getattr(self.matcher, "seconds", defaultdict(float))
        self.everything = self.matcher.rule_set(range(len(rules)))
        self.tree = read_tree(job.git_dir, self.job.tip, max_files=job.limits.max_files)
        self.blobs = BlobReader(job.git_dir, max_bytes=job.limits.max_text_bytes)
        explain: Explain = None if job.can_fetch else lambda error: why_lacking(job, str(error))
        self.vendored = VendoredFiles(self.matcher, self.blobs.read, explain)
        self.findings = Findings(
            self.matcher,
            job.git_dir,
            job.limits,
            self.blobs,
            explain=explain,
            crashed=crashed_rules(job),
        )
        self.files: Counter[RuleSet] = Counter()
        """Maps a set of rules to the number of files that exactly these rules admit."""

    def run(self) -> JobResult:
        with closing(self.blobs):
            return self._run()

    def _run(self) -> JobResult:
        job = self.job
        fetchable = job.can_fetch and is_partial(job.git_dir)
        attribute_files = attribute_files_in(self.tree)
        if fetchable and (missing := absent(job.git_dir, set(attribute_files.blobs.values()))):
            return JobResult(job.repository, missing=tuple(missing))
        self.vendored.take(attribute_files)
        if fetchable and (missing := absent(job.git_dir, self._contents())):
            return JobResult(job.repository, missing=tuple(missing))
        window = min(job.limits.window, _WINDOW)
        windows = windows_of_changes(self._admitted_files(), window)
        found = dict(self.findings.begin(windows, self.everything))
        self._search_work_tree(found)
        for index, gaps in self.vendored.gaps_in(attribute_files, self.everything).items():
            found[index] = {**gaps, **found.get(index, {})}
        return TipResult(job.repository, tip=job.tip, findings=self._findings(found))

    def _contents(self) -> dict[str, None]:
        """Return the IDs of the blobs that the search will read."""
        whole_tree = any(isinstance(bound.scanner, RepositoryScanner) for bound in self.rules)
        files = self.tree.files(text_of if whole_tree else self.matcher.keep)
        return {
            file.new: None
            for file in files
            if file.new is not None
            and (whole_tree or self.matcher.admitted(file.path) & self.matcher.reading)
        }

    def _admitted_files(self) -> Iterator[Change]:
        """Yield the files that a rule admits, and count them."""
        for file in self.tree.files(self.matcher.keep):
            self.files[self.matcher.admitted(file.path)] += 1
            yield file

    def _search_work_tree(self, found: dict[int, dict[str, Found | Unread]]) -> None:
        """Run the scanners that need a work tree, and add their matches to `found`."""
        for index, bound in enumerate(self.rules):
            if isinstance(bound.scanner, RepositoryScanner):
                start = time.perf_counter()
                matches = find_at_tip(self.job, bound, self.matcher, index)
                # The scanner runs in a separate process, so its processor time is unknown.
                self.seconds[index] += time.perf_counter() - start
                found[index] = dict(matches or {})

    def _findings(self, found: Mapping[int, _AtPaths]) -> TipFindings:
        files, binary = _by_rule(self.files), _by_rule(self._binary_files())
        excluded = _ExcludedFiles(self.tree, self.matcher)
        counts = _by_rule(excluded.counts)
        rules = []
        for index, bound in enumerate(self.rules):
            if isinstance(bound.scanner, RepositoryScanner):
                files[index], counts[index] = self._files_of(bound.rule)
            rules.append(
                RuleFindings(
                    bound.rule.id,
                    _matches(found.get(index, {})),
                    files[index],
                    binary[index],
                    counts[index],
                    self.seconds[index],
                    _unread(found.get(index, {})),
                    self.matcher.failures.get(index),
                )
            )
        return TipFindings(
            self.job.repository,
            self.job.git_dir,
            self.job.tip,
            tuple(rules),
            excluded.counts.total(),
            excluded.example,
        )

    def _binary_files(self) -> Counter[RuleSet]:
        """Map each set of rules to the number of binary files that exactly these rules select."""
        matcher = self.matcher
        paths = self.findings.binary_paths
        return Counter(matcher.admitted(path) & matcher.content for path in paths)

    def _files_of(self, rule: Rule) -> tuple[int, int]:
        """Return the number of files that a rule with a repository scanner admits, and the number
        that it excludes.
        """
        attributes = self.matcher.attributes
        counts: Counter[bool] = Counter()
        for file in self.tree.files(text_of):
            if not rule.paths or compiled(rule.paths).match_file(file.path):
                counts[not rule.include_vendored and attributes.excludes(bytes_of(file.path))] += 1
        return counts[False], counts[True]


class _ExcludedFiles:
    """The files that rules omit only because they are vendored or generated code."""

    def __init__(self, tree: Tree, matcher: Matcher) -> None:
        self.counts: Counter[RuleSet] = Counter()
        """Maps a set of rules to the number of files that exactly these rules omit."""
        self.example = ""
        self._matcher = matcher
        deque(tree.files(self._count), maxlen=0)

    def _count(self, name: bytes) -> None:
        rules = self._matcher.excluded(name)
        if rules:
            self.counts[rules] += 1
            self.example = self.example or text_of(name)


def _processor_seconds() -> float:
    """Return the processor time of this thread and of all child processes that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.thread_time() + children.ru_utime + children.ru_stime


def _tip_of(job: Job) -> str:
    """Return the last commit that had landed by the end of the job's day.

    Raises:
        NothingLandedError: No commit had landed by the end of that day.
    """
    if job.latest is None or job.today >= job.latest:
        return job.tip
    tip = _readable_chain(job).tip
    if tip is None:
        raise NothingLandedError(job.today)
    return tip


def _by_rule(counts: Mapping[RuleSet, int]) -> Counter[int]:
    """Convert counts by set of rules to counts by rule index."""
    totals: Counter[int] = Counter()
    for rules, count in counts.items():
        for index in indices_of(rules):
            totals[index] += count
    return totals


def _matches(found: _AtPaths) -> tuple[TipMatch, ...]:
    return tuple(
        TipMatch(path, spot.line, spot.column, spot.excerpt, dict(spot.captures))
        for path, at_path in sorted(found.items())
        if isinstance(at_path, Found)
        for spot in at_path.spots
    )


def _unread(found: _AtPaths) -> tuple[tuple[str, str], ...]:
    return tuple(
        ("" if path == ALL_PATHS else path, at_path.reason)
        for path, at_path in sorted(found.items())
        if isinstance(at_path, Unread)
    )


def _readable_chain(job: Job) -> Chain:
    """Return the commits of the branch, without those before a damaged commit.

    Raises:
        GitError, UnreadableObjectError: The chain could not be read.
    """
    horizon = Horizon(job.today, job.latest)
    try:
        return whole_chain(job.git_dir, job.tip, horizon)
    except GitError:
        cut = None if job.can_fetch else readable_since(job.git_dir, job.tip)
        if cut is None:
            raise
        with history_cut_at(job.git_dir, cut):
            return whole_chain(job.git_dir, job.tip, horizon)
