"""The matches of project rules that read the same files, updated as commits change the files."""

from __future__ import annotations

import pickle
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

from headway.git.history import Change
from headway.model.limits import Limits
from headway.printable import printable
from headway.progress.gaps import ALL_PATHS, Unread, UnreadKind
from headway.progress.opening import Found, Spot
from headway.scan.bound_rule import failure_text
from headway.scan.facts_reader import FactsReader, PackedFacts
from headway.scan.isolation import Failure
from headway.scan.matching import Matcher, RuleSet, indices_of
from headway.scan.spots import InvalidMatchError, check_match_or_unknown, spot_of, spot_order
from headway.scan.unread_files import unread_after
from headway.scanner import ProjectScanner, Unknown, Unreadable
from headway.workers.active_rule import share_content

_NOT_READ = object()
"""Stands for the facts of an earlier version that the walk has not read."""

_REASON_LENGTH = 300

AtPaths = dict[str, Found | Unread | None]
"""Maps each path with possibly changed matches to the matches. None means no matches."""


class _Answer(NamedTuple):
    """The findings of one rule in one commit, by path."""

    spots: dict[str, tuple[Spot, ...]]
    unknown: dict[str, tuple[str, str]]
    """Maps each file with unknown matches to (reason, path of the unreadable file or an empty
    string).
    """


@dataclass(slots=True)
class _RuleState:
    """The findings of one rule's last call, and the files that have changed since."""

    found: dict[str, Found | Unread] | None = None
    """The findings, or None if the rule was not called yet or failed."""
    changed: dict[str, object] = field(default_factory=dict)
    """Maps each changed path to its facts before the change, or to None for a new file."""


class ProjectFindings:
    """The current files that a group of rules reads, and the findings of these rules.

    The rules use the same scanner with the same files, and begin at the same commit. Files are read
    only if a rule must be called. A walk that continues an earlier one therefore reads nothing
    until a commit changes one of the files.
    """

    def __init__(
        self, matcher: Matcher, reader: FactsReader, limits: Limits, indices: Collection[int]
    ) -> None:
        self.rules = matcher.rule_set(indices)
        self._matcher = matcher
        self._reader = reader
        self._limits = limits
        self._any_index = min(indices)
        scanner = matcher.rules[self._any_index].scanner
        assert isinstance(scanner, ProjectScanner)
        self._scanner = scanner
        self._blobs: dict[str, str] = {}
        """Maps the current paths to their blob IDs."""
        self._facts: dict[str, object] = {}
        """Maps the paths of the files that have been read to their facts, sorted by path."""
        self._unread: dict[str, Unread] = {}
        """The files in `_facts` that could not be read."""
        self._to_read: set[str] = set()
        """The current paths that are not in `_facts` or have changed since they were read."""
        self._states = {index: _RuleState({}) for index in indices}
        self._failed: dict[int, Unread] = {}
        """The reason why each rule failed in its last call."""

    def begin(
        self, files: Mapping[str, str], *, continues: bool
    ) -> Iterator[tuple[int, dict[str, Found | Unread]]]:
        """Start with a whole tree (path to blob ID), and yield the findings of each rule.

        If the walk continues an earlier one, no rule is called.
        """
        self._blobs = dict(files)
        self._to_read = set(files)
        self._states = {index: _RuleState() for index in self._states}
        for index in () if continues else indices_of(self.rules):
            if index not in self._matcher.failures:
                found = self._states[index].found = self._find(index)
                yield index, {ALL_PATHS: self._failed[index]} if found is None else dict(found)

    def advance(
        self, changes: Iterable[Change], rules: RuleSet, held: Mapping[str, RuleSet]
    ) -> Iterator[tuple[int, AtPaths]]:
        """Apply the changes in one commit, and yield the changed findings of each rule.

        Args:
            changes: The files that the commit changed.
            rules: The rules to call. The other rules are called later.
            held: Maps a path to the rules with open items or gaps there.
        """
        self._apply(change for change in changes if self._reads(change.path))
        for index in self._to_call(rules):
            yield index, self._update(index, held)

    def leave(
        self, is_excluded: Callable[[str], bool], rules: RuleSet, held: Mapping[str, RuleSet]
    ) -> Iterator[tuple[int, AtPaths]]:
        """Remove matches in newly excluded files, and remove files that are no longer read.

        The next call to `advance` yields the effects on matches in other files.
        """
        paths = [path for path in self._blobs if is_excluded(path)]
        self._apply(Change(path, None, None) for path in paths if not self._reads(path))
        for index in indices_of(self.rules & rules if paths else 0):
            state = self._states[index]
            for path in paths:
                state.changed[path] = _NOT_READ
                if state.found is not None:
                    state.found.pop(path, None)
            yield index, {path: None for path in paths if held.get(path, 0) >> index & 1}

    def enter(self, files: Iterable[Change], rules: RuleSet) -> Iterator[tuple[int, AtPaths]]:
        """Add files that are no longer excluded, and yield the matches in them.

        The next call to `advance` yields the effects on matches in other files.
        """
        entering = [change for change in files if self._reads(change.path)]
        self._apply(entering)
        for state in self._states.values():
            state.changed |= {change.path: _NOT_READ for change in entering}
        for index in self._to_call(rules if entering else 0):
            state = self._states[index]
            found = self._find(index)
            if found is not None:
                at_paths = {path: found[path] for path, _, _ in entering if path in found}
                if state.found is not None:
                    state.found |= at_paths
                yield index, {**at_paths}

    def _reads(self, path: str) -> bool:
        return bool(self._matcher.admitted(path) & self.rules)

    def _apply(self, changes: Iterable[Change]) -> None:
        for path, _, new in changes:
            if self._blobs.get(path) == new:
                continue  # The commit changed only the mode, or is processed for other rules.
            before = _NOT_READ if path in self._to_read else self._facts.get(path)
            if new is None:
                del self._blobs[path]
                self._to_read.discard(path)
                self._facts.pop(path, None)
                self._unread.pop(path, None)
            else:
                self._blobs[path] = new
                self._to_read.add(path)
            for state in self._states.values():
                state.changed.setdefault(path, before)

    def _to_call(self, rules: RuleSet) -> Iterator[int]:
        """Yield the rules whose files have changed since their last call."""
        for index in indices_of(self.rules & rules):
            if self._states[index].changed and index not in self._matcher.failures:
                yield index

    def _update(self, index: int, held: Mapping[str, RuleSet]) -> AtPaths:
        """Call a rule if its matches may have changed. Return the changes since the last call.

        If the rule fails, the result has an `Unread` at `ALL_PATHS`.
        """
        state = self._states[index]
        changed, state.changed = state.changed, {}
        before, touched = state.found, set(changed)
        if before is None or self._may_change(index, changed):
            state.found = self._find(index)
        else:
            state.found = self._with_new_blobs(before, touched)
        after = state.found
        if after is None:
            return {ALL_PATHS: self._failed[index]}
        if before is None:
            touched |= after.keys() | {path for path in held if held[path] >> index & 1}
        else:
            touched |= {path for path in after if after[path] != before.get(path)}
            touched |= before.keys() - after.keys()
        return {
            path: after.get(path)
            for path in touched
            if path in after or held.get(path, 0) >> index & 1
        }

    def _may_change(self, index: int, changed: Mapping[str, object]) -> bool:
        """Return whether these file changes can change the matches of a rule."""
        bound = self._matcher.rules[index]
        if self._matcher.isolation is not None and bound.foreign:
            return True
        self._read_files()
        facts = [(before, self._facts.get(path)) for path, before in changed.items()]
        if any(
            before is _NOT_READ or isinstance(before, Unreadable) or isinstance(after, Unreadable)
            for before, after in facts
        ):
            return True
        with self._matcher.calling(index):
            try:
                affected = [self._scanner.is_affected(bound.options, *both) for both in facts]
            except Exception:  # noqa: BLE001 - a plugin may raise anything
                return True
        return any(answer is not False for answer in affected)

    def _with_new_blobs(
        self, found: Mapping[str, Found | Unread], changed: Collection[str]
    ) -> dict[str, Found | Unread]:
        """Update blob IDs and removed files in the findings of a rule that need not be called."""
        kept = {path: at_path for path, at_path in found.items() if path in self._blobs}
        for path in changed:
            at_path = kept.get(path)
            if isinstance(at_path, Found):
                kept[path] = at_path._replace(blob=self._blobs[path])
        return kept

    def _read_files(self) -> None:
        """Read the files that have not been read since they changed."""
        are_sorted = self._facts.keys() >= self._to_read
        for path in sorted(self._to_read):
            facts = self._reader.read(self._any_index, path, self._blobs[path])
            if isinstance(facts, Unread):
                self._unread[path] = facts
                facts = Unreadable(facts.reason)
            else:
                self._unread.pop(path, None)
            self._facts[path] = facts
        self._to_read.clear()
        if not are_sorted:
            self._facts = dict(sorted(self._facts.items()))

    def _find(self, index: int) -> dict[str, Found | Unread] | None:
        """Return the findings of a rule in the current files, or None if it fails."""
        self._read_files()
        if not self._matcher.together:
            share_content("")
        answer = self._matcher.call_scanner(index, partial(self._ask, index))
        if isinstance(answer, Failure):
            self._failed[index] = unread_after(answer, "", self._limits)
            return None
        if answer is None:
            self._matcher.fail_for_many(index, self._limits.max_matches)
            return {}
        found: dict[str, Found | Unread] = {
            path: Found(self._blobs[path], spots) for path, spots in answer.spots.items()
        }
        for path, (reason, cause) in answer.unknown.items():
            because = self._unread.get(cause)
            if because is None:
                found[path] = Unread("failed", reason, self._blobs[path])
            else:
                found[path] = because._replace(reason=reason)
        found |= self._unread
        return {
            path: at_path for path, at_path in found.items() if self._matcher.counts_at(index, path)
        }

    def _ask(self, index: int) -> _Answer | Failure | None:
        """Run the code of the scanner, and return any error as a failure.

        The result is None if the rule has too many matches.
        """
        bound = self._matcher.rules[index]
        spots: dict[str, set[Spot]] = defaultdict(set)
        unknown: dict[str, tuple[str, str]] = {}
        count = 0
        try:
            for returned in self._scanner.find(bound.options, self._unpacked_facts()):
                answer = check_match_or_unknown(returned)
                path = str.__str__(answer.path)
                if path not in self._facts:
                    raise InvalidMatchError(returned, ", whose path is not that of a file it read")
                if isinstance(answer, Unknown):
                    reason = printable(str.__str__(answer.reason))[:_REASON_LENGTH]
                    unknown[path] = reason, str.__str__(answer.cause)
                else:
                    spots[path].add(spot_of(answer))
                count += 1
                if count > self._limits.max_matches:
                    return None
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything
            kind: UnreadKind = "crashed" if isinstance(error, MemoryError) else "failed"
            return Failure(kind, failure_text(bound, error))
        ordered = {path: tuple(sorted(at, key=spot_order)) for path, at in spots.items()}
        return _Answer(ordered, unknown)

    def _unpacked_facts(self) -> Mapping[str, Any]:
        """Return the facts of the current files, by path, to pass to the scanner."""
        if self._matcher.isolation is None:
            return MappingProxyType(self._facts)
        return {
            path: pickle.loads(facts.pickled)  # noqa: S301 - here, only the scanner is affected
            if isinstance(facts, PackedFacts)
            else facts
            for path, facts in self._facts.items()
        }
