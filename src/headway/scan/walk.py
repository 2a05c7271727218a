"""Track the matches of rules through one repository's first-parent history, in one worker.

Memory use does not grow with the history, because the walk processes windows (groups of consecutive
commits) one after another. For each window, the walk lists the files that the commits changed,
reads and matches each new blob once, and then updates the items commit by commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial

from headway.git.history import Change, Step, TooManyFilesError, list_tree
from headway.git.mirrors import is_partial, is_partial_mirror
from headway.git.missing_blobs import absent
from headway.git.objects import BlobReader, UnreadableObjectError
from headway.git.path_encoding import bytes_of, text_of
from headway.git.process import GitError
from headway.git.shared_process import kept_open
from headway.progress.opening import Found, Landing
from headway.scan.attribute_gaps import AttributeGaps
from headway.scan.binary_files import BinaryFiles
from headway.scan.blobs_to_read import halves, windows_of_changes, windows_of_steps
from headway.scan.bound_rule import BoundRule
from headway.scan.changed_files import ChangedFiles
from headway.scan.findings import AtPath, Findings, MatchBufferFullError
from headway.scan.gap_retry import missing_in_gaps
from headway.scan.item_authors import credit_authors
from headway.scan.job import Job, JobResult, Walked, crashed_rules, failed, why_lacking
from headway.scan.known_matches import KnownMatches
from headway.scan.matching import RuleSet, indices_of
from headway.scan.owner_files import SeenOwnerFiles, owner_contents, read_owner_files
from headway.scan.search_ahead import SearchAhead
from headway.scan.separate_walks import walk_apart_if_damaged
from headway.scan.unread_files import Explain
from headway.scan.vendored_files import VendoredFiles, attribute_files_in
from headway.scan.walk_route import FollowedRule, NothingLandedError, WalkRoute
from headway.scan.worktree_scan import find_at_tip


def walk_repository(job: Job, rules: Sequence[BoundRule]) -> JobResult:
    """Track the matches of a job's rules up to the tip.

    Problems with the repository are returned as failures and never raised.

    Args:
        job: The repository and its tracks.
        rules: The rules of `job.tracks`, in the same order.
    """
    return walk_apart_if_damaged(job, rules, _walk_together)


def _walk_together(job: Job, rules: Sequence[BoundRule]) -> JobResult:
    fetchable = job.can_fetch and is_partial(job.git_dir)
    try:
        if fetchable and (missing := missing_in_gaps(job)):
            return JobResult(job.repository, missing=missing)
        with kept_open(job.git_dir):
            return _Walk(WalkRoute(job, rules)).run()
    except (GitError, UnreadableObjectError) as error:
        missing = _missing_contents(job, rules) if fetchable else ()
        if missing:
            return JobResult(job.repository, missing=missing)
        reason = getattr(error, "reason", None) or str(error)
        return failed(job, why_lacking(job, reason), damaged=True)
    except (NothingLandedError, TooManyFilesError) as error:
        return failed(job, str(error))


def _missing_contents(job: Job, rules: Sequence[BoundRule]) -> tuple[str, ...]:
    """Return the IDs of the blobs that the walk will read but a partial mirror lacks."""
    try:
        route = WalkRoute(job, rules)
        blobs = dict.fromkeys(owner_contents(route.job, route.chain))
        with closing(BlobReader(job.git_dir, max_bytes=job.limits.max_text_bytes)) as reader:
            blobs |= route.contents(partial(_read_if_present, reader))
        if route.tip_rules:
            limit = job.limits.max_files
            tree = list_tree(job.git_dir, route.job.tip, text_of, max_files=limit)
            blobs |= dict.fromkeys(change.new for change in tree if change.new is not None)
        return tuple(absent(job.git_dir, blobs))
    except GitError:
        return ()


def _read_if_present(reader: BlobReader, blob: str) -> bytes | None:
    with suppress(UnreadableObjectError):
        return reader.read(blob)
    return None


class _Walk:
    def __init__(self, route: WalkRoute) -> None:
        self.route = route
        self.job = route.job
        self.matcher = route.matcher
        job, git_dir, limits = self.job, self.job.git_dir, self.job.limits
        self.blobs = BlobReader(git_dir, max_bytes=limits.max_text_bytes)
        self.known = (
            KnownMatches(job.match_cache, route.matcher, limits, git_dir)
            if job.match_cache is not None
            else None
        )
        explain: Explain = None if job.can_fetch else lambda error: why_lacking(job, str(error))
        self.findings = Findings(
            route.matcher,
            git_dir,
            limits,
            self.blobs,
            explain=explain,
            crashed=crashed_rules(job),
            known=self.known,
        )
        self.ahead = SearchAhead(job, route.matcher, self.known)
        self.binary_files = BinaryFiles(route, self.findings)
        self.owner_files = SeenOwnerFiles()
        self.vendored = VendoredFiles(route.matcher, self.blobs.read, explain)
        self.must_read = job.can_fetch and is_partial_mirror(git_dir)
        self.shared_commits: set[str] = set()
        """The commits for which people other than the author can receive credit."""
        self.excluding_commits: set[str] = set()
        """The commits that change the set of files excluded by `.gitattributes`."""
        self.attribute_gaps = AttributeGaps(self.vendored, route.rules)

    def run(self) -> JobResult:
        """Walk from the earliest start of all rules to the tip."""
        self._hold_open_paths()
        with closing(self.blobs):
            self._read_whole_trees()
            for window in self._windows():
                if self._is_excluding(window[0]):
                    self._change_excluded_files(window[0])
                self._follow(window)
            self._scan_tip()
        if self.known is not None:
            self.known.save()
        return self._result()

    def _hold_open_paths(self) -> None:
        """Make `Findings` report every change at the paths with open items or gaps."""
        for rule in self.route.rules:
            gaps = self.attribute_gaps.without_own(rule)
            for path in (*rule.tracker.open_paths, *gaps):
                self.findings.hold(path, rule.index)

    def _read_whole_trees(self) -> None:
        """Read the whole tree of each start commit, and restore the attributes of the first one."""
        keep = self.owner_files.keep_too(self.matcher.keep)
        attribute_files = {}
        for start, rules in self.route.whole_trees().items():
            tree = self.route.tree(start)
            attribute_files[start] = attribute_files_in(tree)
            self.vendored.take(attribute_files[start])
            changes = self.owner_files.see_tree(start, tree.files(keep))
            windows = self._windows_of_tree(changes, rules)
            continuing = rules & self.route.continuing
            gaps = self.vendored.gaps_in(attribute_files[start], rules & ~continuing)
            everything = self.findings.begin(windows, rules, continuing)
            for index in sorted(everything.keys() | gaps.keys()):
                rule, found = self.route.rules[index], everything.get(index, {})
                if not rule.continues:
                    rule.begin(self.route.landing(start), gaps.get(index, {}) | found)
                    for path in found:
                        self.findings.hold(path, index)
        first = self.route.start
        if first is not None:
            self.vendored.take(attribute_files.get(first) or self.route.attribute_files(first))

    def _steps(self) -> Iterator[Step]:
        """Yield the commits to process, and remember their changes to owner files."""
        for step in self.route.steps(self.owner_files.keep_too(self.matcher.keep)):
            index = self.route.chain.index_of[step.commit]
            if self.owner_files.see_commit(index, step.changes):
                self.attribute_gaps.see(step.commit, step.changes)
                if not self.vendored.follow_if_equal(step.changes):
                    self.excluding_commits.add(step.commit)
            yield step
        self.owner_files.first = self.route.start

    def _windows(self) -> Iterator[Sequence[Step]]:
        """Yield the commits to process in groups, while helpers search the next group's blobs."""
        return self.ahead.through(
            windows_of_steps(self._steps(), self.ahead.window, alone=self._is_excluding),
            lambda window: self.findings.planned(self._changes(window)),
            alone=lambda window: self._is_excluding(window[0]),
        )

    def _windows_of_tree(
        self, files: Iterable[Change], rules: RuleSet
    ) -> Iterator[Sequence[Change]]:
        """Yield the files of a tree in groups, while helpers search the next group's blobs."""
        return self.ahead.through(
            windows_of_changes(files, self.ahead.window()),
            lambda window: self.findings.planned([(window, rules)]),
        )

    def _changes(
        self, window: Sequence[Step], only: RuleSet = -1
    ) -> Iterator[tuple[Sequence[Change], RuleSet]]:
        """Yield the changes of each commit, and the rules that are tracked there."""
        for step in window:
            rules = self.route.rules_at(self.route.chain.index_of[step.commit])
            yield step.changes, rules & only

    def _is_excluding(self, step: Step) -> bool:
        return step.commit in self.excluding_commits

    def _change_excluded_files(self, step: Step) -> None:
        """Close and open the items of files that a commit excludes or includes.

        The commit's changes to the contents of files are processed later, with its window.
        """
        before = self.vendored.follow(step.changes)
        commit_index = self.route.chain.index_of[step.commit]
        landing = self.route.landing(commit_index)
        self.binary_files.reach(commit_index)
        rules = self.route.rules_at(commit_index) & ~self.matcher.with_vendored
        self._change_scope(landing, self.findings.leave(before, rules))
        included = self.route.included_files(commit_index, before)
        for window in windows_of_changes(included, self.job.limits.window):
            for changed in self.findings.enter(window, rules):
                self._change_scope(landing, changed)

    def _change_scope(self, landing: Landing, changed: Mapping[int, Mapping[str, AtPath]]) -> None:
        """Close the items of newly excluded files, and open the items of newly included files."""
        for index, paths in changed.items():
            if index not in self.matcher.failures:
                rule = self.route.rules[index]
                rule.change_scope(landing, paths)
                self._hold_or_fail(rule, paths)

    def _follow(self, window: Sequence[Step], rules: RuleSet = -1) -> None:
        """Process a window. Split it in half if its matches do not fit in memory.

        Args:
            window: The commits.
            rules: The rules to follow. -1 means all rules.
        """
        try:
            self._follow_at_once(window, rules)
        except MatchBufferFullError:
            self.findings.forget()
            if len(window) > 1:
                for half in halves(window):
                    self._follow(half, rules)
                return
            commit_index = self.route.chain.index_of[window[0].commit]
            indices = list(indices_of(self.route.rules_at(commit_index) & rules))
            if len(indices) == 1:
                self.findings.fail_alone(self.matcher.rule_set(indices))
                return
            # Follow fewer rules at a time, so that no rule fails because of another one.
            for part in halves(indices):
                self._follow(window, self.matcher.rule_set(part))
        self.findings.make_room()

    def _follow_at_once(self, window: Sequence[Step], only: RuleSet) -> None:
        indices = [self.route.chain.index_of[step.commit] for step in window]
        rule_sets = [self.route.rules_at(index) & only for index in indices]
        self.findings.read_many(self._changes(window, only))
        for step, commit_index, rules in zip(window, indices, rule_sets, strict=True):
            self.binary_files.reach(commit_index)
            if step.commit in self.attribute_gaps.changed:
                self.attribute_gaps.advance(self.route.landing(commit_index), rules)
            changed = self.findings.of_commit(step.changes, rules)
            if not changed:
                continue
            landing = self.route.landing(commit_index, step.author)
            if step.credits_others:
                self.shared_commits.add(step.commit)
            files = ChangedFiles(step.changes, self.blobs, must_read=self.must_read)
            for index, paths in changed.items():
                if index not in self.matcher.failures:
                    self._advance(self.route.rules[index], landing, paths, files)

    def _advance(
        self,
        rule: FollowedRule,
        landing: Landing,
        changed: Mapping[str, AtPath],
        files: ChangedFiles,
    ) -> None:
        """Update the items of one rule with the changes in one commit."""
        rule.advance(landing, changed, files)
        self._hold_or_fail(rule, changed)

    def _hold_or_fail(self, rule: FollowedRule, changed: Iterable[str]) -> None:
        """Fail a rule with too many items or gaps. Otherwise, record the paths with open ones."""
        limit = self.job.limits.max_matches
        if rule.tracker.count > limit:
            self.matcher.fail_for_many(rule.index, limit)
        elif rule.gaps.count > limit:
            self.matcher.fail_for_many(rule.index, limit, "versions that could not be read")
        if rule.index in self.matcher.failures:
            rule.reset()
            return
        for path in changed:
            if rule.tracker.has_open(path) or path in rule.gaps.open_paths:
                self.findings.hold(path, rule.index)
            else:
                self.findings.release(path, rule.index)

    def _scan_tip(self) -> None:
        """Run the scanners that need a work tree, and compare the matches with the open items."""
        tip = len(self.route.chain.commits) - 1
        landing = self.route.landing(tip)
        if self.route.tip_rules:
            files = attribute_files_in(self.route.tree(tip))
            if self.route.start is None:
                self.vendored.take(files)
            self.attribute_gaps.fail_at_tip(files, self.route.tip_rules)
        for rule in self.route.tip_rules:
            found = find_at_tip(self.job, rule.bound, self.matcher, rule.index)
            if found is None:
                continue
            if rule.continues:
                if not rule.bound.rule.include_vendored:
                    self._change_scope_at_tip(rule, landing, found)
                gone = dict.fromkeys(rule.tracker.open_paths)
                rule.tracker.advance(landing, {**gone, **found})
            else:
                rule.tracker.begin(landing, found)

    def _change_scope_at_tip(
        self, rule: FollowedRule, landing: Landing, found: Mapping[str, Found]
    ) -> None:
        """Close the items in files that are excluded now but were not in the last scan.

        Also open items for the matches in files that are no longer excluded.
        """
        now = self.matcher.attributes
        before = self.vendored.attributes_of(self.route.attribute_files(rule.start))
        if before != now:
            open_paths = rule.tracker.open_paths
            changed: dict[str, Found | None] = {
                path: None for path in open_paths if now.excludes(bytes_of(path))
            }
            changed |= {
                path: found[path]
                for path in found.keys() - open_paths.keys()
                if before.excludes(bytes_of(path))
            }
            rule.tracker.change_scope(landing, changed)

    def _credit_authors(self) -> None:
        """Credit authors for the items of this walk, or for all items if `.mailmap` changed."""
        route, trackers = self.route, [rule.tracker for rule in self.route.history_rules]
        git_dir, tip = self.job.git_dir, self.job.tip
        # In the log that this walk has read, the `.mailmap` of the tip has already corrected the
        # names.
        has_old_names = any(rule.continues for rule in route.history_rules)
        if self.owner_files.mailmap_changed and has_old_names:
            credit_authors(
                git_dir, tip, [opening for tracker in trackers for opening in tracker.touch_all()]
            )
        elif self.shared_commits:
            first = min(route.chain.index_of[commit] for commit in self.shared_commits)
            credit_authors(
                git_dir,
                tip,
                [opening for tracker in trackers for opening in tracker.touched],
                after=route.chain.commit_at(first - 1),
                is_new=self.shared_commits.__contains__,
            )

    def _result(self) -> JobResult:
        job, chain, rules = self.job, self.route.chain, self.route.rules
        self._credit_authors()
        owner_files = read_owner_files(job, chain, self.owner_files)
        cursor = owner_files.cursor._replace(
            attributes=self.vendored.files, binary_files=self.binary_files.at_tip()
        )
        binary_files = self.binary_files.by_rule()
        return JobResult(
            repository=job.repository,
            walked=tuple(
                Walked(
                    rule.track.key,
                    tuple(rule.touched),
                    not rule.continues,
                    self.route.cursor(rule, binary_files[rule.index]),
                    rule.gaps.all if rule.gaps.has_changed or not rule.continues else None,
                )
                for rule in rules
                if rule.index not in self.matcher.failures
            ),
            failures=tuple(
                (rule.track.key, self.matcher.failures[rule.index])
                for rule in rules
                if rule.index in self.matcher.failures
            ),
            rewritten=self.route.rewritten,
            first_commit_on=chain.first_day(job.today),
            owner_files=replace(owner_files, cursor=cursor),
            tip=job.tip,
            commits=len(chain.commits) - max(0, min(rule.start for rule in rules) + 1),
            blobs=self.findings.blobs_read,
        )
