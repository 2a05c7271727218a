"""Match all content rules against a file in one pass, and find the rules that select a path."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import TypeVar

from headway.external_program import ProgramUnavailableError
from headway.git.attributes import NO_ATTRIBUTES, Attributes
from headway.git.path_encoding import bytes_of, text_of
from headway.model.scope import compiled
from headway.model.vendored import is_vendored
from headway.progress.gaps import UnreadKind
from headway.progress.opening import Spot
from headway.scan.bound_rule import BoundRule, failure_text, files_to_read
from headway.scan.isolation import Failure, Isolation
from headway.scan.spots import collect, require_lines, spots_of
from headway.scanner import (
    ContentScanner,
    Finder,
    ProjectScanner,
    RepositoryScanner,
)
from headway.workers.active_rule import ActiveRule

_CACHED_PATHS = 100_000
"""The maximum number of cached file names. A tree can have more names than fit in memory."""

_T = TypeVar("_T")


RuleSet = int
"""A set of rules as a bit mask. Bit `n` stands for the rule with index `n`."""


def indices_of(rules: RuleSet) -> Iterator[int]:
    """Yield the indices of the rules in a set."""
    while rules:
        lowest = rules & -rules
        yield lowest.bit_length() - 1
        rules ^= lowest


Hits = tuple[tuple[int, tuple[Spot, ...]], ...]
"""(rule index, matches of the rule in one file) for each rule that has matches."""
Answer = dict[int, tuple[Spot, ...]]
"""The matches of several rules in one file, by the position of the rule in the call."""


class Matcher:
    """The rules of one walk, numbered by their position in the job."""

    def __init__(
        self,
        rules: Sequence[BoundRule],
        *,
        together: bool = True,
        isolation: Isolation | None = None,
    ) -> None:
        """Prepare to match rules.

        Args:
            rules: The rules of the job, in order.
            together: Whether one call to a scanner can match several rules.
            isolation: Calls the scanners that are not shipped. None means that they are called
                directly.
        """
        self.rules = rules
        self.together = together and isolation is None
        self.isolation = isolation
        self.failures: dict[int, str] = {}
        """Maps a rule index to the reason why the rule failed in this repository."""
        self._errors: dict[int, tuple[UnreadKind, str]] = {}
        self.content: RuleSet = 0
        """The rules of content scanners."""
        self.by_path: RuleSet = 0
        """The content rules whose matches depend on the path."""
        self.by_line: RuleSet = 0
        """The content rules that match each line separately."""
        self.starting_programs: RuleSet = 0
        """The content rules that can search several files in one run of a program."""
        self.project: RuleSet = 0
        """The rules of project scanners."""
        self.files: dict[int, tuple[str, ...]] = {}
        """Maps the index of each project rule to the patterns of the files that it reads."""
        self._by_scanner: dict[str, list[int]] = defaultdict(list)
        for index, bound in enumerate(rules):
            self._add_to_kind(index, bound)
        self._by_patterns: dict[tuple[str, ...], RuleSet] = defaultdict(int)
        self.with_vendored: RuleSet = 0
        """The rules that also select vendored and generated code."""
        for index, bound in enumerate(rules):
            self._add_to_patterns(index, bound)
        self._attributes = NO_ATTRIBUTES
        self._paths: dict[bytes, str | None] = {}
        self._admitted: dict[str, RuleSet] = {}
        self._reported: dict[tuple[int, str], bool] = {}
        self._finders: dict[tuple[str, tuple[int, ...]], Finder] = {}
        self._calls: dict[RuleSet, tuple[tuple[str, tuple[int, ...]], ...]] = {}
        """Maps each set of rules to the necessary scanner calls, as (scanner, rule indices)."""

    def _add_to_kind(self, index: int, bound: BoundRule) -> None:
        """Add a rule to the sets of its kind of scanner."""
        if isinstance(bound.scanner, ContentScanner):
            self._by_scanner[bound.rule.scanner].append(index)
            self.content |= 1 << index
            if bound.scanner.starts_programs and self.together:
                self.starting_programs |= 1 << index
            if bound.scanner.path_matters:
                self.by_path |= 1 << index
            elif self._looks_at_lines(index, bound):
                self.by_line |= 1 << index
        elif isinstance(bound.scanner, ProjectScanner):
            self.project |= 1 << index
            self._ask_for_files(index, bound)

    def _add_to_patterns(self, index: int, bound: BoundRule) -> None:
        """Record the files that a rule selects, unless it has failed or reads a whole checkout."""
        if isinstance(bound.scanner, RepositoryScanner) or index in self.failures:
            return
        self._by_patterns[self.files.get(index, bound.rule.paths)] |= 1 << index
        if bound.rule.include_vendored:
            self.with_vendored |= 1 << index

    def _looks_at_lines(self, index: int, bound: BoundRule) -> bool:
        """Return whether a rule searches each line separately."""
        assert isinstance(bound.scanner, ContentScanner)
        if self.isolation is not None and bound.foreign:
            return False
        with self.calling(index):
            try:
                return bound.scanner.each_line_alone(bound.options) is True
            except Exception as error:  # noqa: BLE001 - a plugin may raise anything
                self.failures[index] = f"rule {bound.rule.id}: {failure_text(bound, error)}"
                return False

    def _ask_for_files(self, index: int, bound: BoundRule) -> None:
        """Query a project scanner for the files that a rule reads."""
        patterns = self.call_scanner(index, partial(files_to_read, bound))
        if isinstance(patterns, Failure):
            self.failures[index] = f"rule {bound.rule.id}: {patterns.reason}"
        else:
            self.files[index] = patterns

    @property
    def reading(self) -> RuleSet:
        """The rules that read the contents of files."""
        return self.content | self.project

    @property
    def attributes(self) -> Attributes:
        """The attributes that determine, with a file's path, whether the file is excluded."""
        return self._attributes

    @attributes.setter
    def attributes(self, attributes: Attributes) -> None:
        if attributes != self._attributes:
            self._attributes = attributes
            self._paths.clear()
            self._admitted.clear()
            self._reported.clear()

    @staticmethod
    def rule_set(indices: Iterable[int]) -> RuleSet:
        """Return the set of the rules with these indices."""
        rules = 0
        for index in indices:
            rules |= 1 << index
        return rules

    def keep(self, name: bytes) -> str | None:
        """Return a file name as a string, or None if no rule selects the file."""
        try:
            return self._paths[name]
        except KeyError:
            if len(self._paths) >= _CACHED_PATHS:
                self._paths.clear()
                self._admitted.clear()
            rules = self._decide(name)
            path = text_of(name) if rules else None
            self._paths[name] = path
            if path is not None:
                self._admitted[path] = rules
            return path

    def admitted(self, path: str) -> RuleSet:
        """Return the rules whose patterns select a path, unless the file is excluded.

        A project rule also reads files that only `.gitattributes` excludes, such as lock files.
        """
        try:
            return self._admitted[path]
        except KeyError:
            return self._decide(bytes_of(path))

    def counts_at(self, index: int, path: str) -> bool:
        """Return whether a project rule's matches count at a path. The rule must read this path."""
        key = index, path
        if key not in self._reported:
            if len(self._reported) >= _CACHED_PATHS:
                self._reported.clear()
            rule, name = self.rules[index].rule, bytes_of(path)
            self._reported[key] = (
                not rule.paths or compiled(rule.paths).match_file(_for_patterns(name))
            ) and (rule.include_vendored or not self._attributes.excludes(name))
        return self._reported[key]

    def find(self, rules: RuleSet, path: str, content: bytes) -> Hits:
        """Return the matches of content rules in one file. `take_errors` returns the errors."""
        hits: list[tuple[int, tuple[Spot, ...]]] = []
        calls = self._calls.get(rules)
        if calls is None:
            calls = self._calls[rules] = tuple(self.calls_for(rules))
        for name, indices in calls:
            hits.extend(self._find_by(name, indices, path, content))
        return tuple(hits)

    @property
    def has_errors(self) -> bool:
        """Return whether a rule has failed in `find` since the last call to `take_errors`."""
        return bool(self._errors)

    def calling(self, index: int) -> AbstractContextManager[None]:
        """Return a context for calling a scanner for a rule, or for several rules that begin with
        it.

        The context records the active rule. A subclass can also measure the call.
        """
        return ActiveRule(index)

    def take_errors(self) -> dict[int, tuple[UnreadKind, str]]:
        """Return the failures of rules in `find` since the last call, by rule index."""
        errors, self._errors = self._errors, {}
        return errors

    def fail(self, index: int, reason: str) -> None:
        """Record that a rule has failed, with the reason."""
        self.failures.setdefault(index, reason)
        self._calls.clear()

    def fail_for_many(self, index: int, limit: int, what: str = "matches") -> None:
        """Fail a rule because it exceeds a limit. `what` names the things that are limited."""
        rule = self.rules[index].rule
        self.fail(
            index,
            f"rule {rule.id}: there are more than {limit:,} {what}; narrow the pattern or the "
            "paths of the rule, or raise `matches` under [limits] in headway.toml",
        )

    def excluded(self, name: bytes) -> RuleSet:
        """Return the rules that exclude a file only because it is vendored or generated."""
        if not self._attributes.excludes(name):
            return 0
        return self._selecting(name) & ~self.with_vendored

    def _decide(self, name: bytes) -> RuleSet:
        admitted = self._selecting(name)
        if admitted & ~self.with_vendored and self._attributes.excludes(name):
            read = self.with_vendored
            if admitted & self.project and not is_vendored(name.decode("utf-8", "replace")):
                read |= self.project
            admitted &= read
        return admitted

    def _selecting(self, name: bytes) -> RuleSet:
        """Return the rules whose patterns match a file name, even if the file is excluded."""
        text = _for_patterns(name)
        selecting = 0
        for patterns, rules in self._by_patterns.items():
            if not patterns or compiled(patterns).match_file(text):
                selecting |= rules
        return selecting

    def calls_for(self, rules: RuleSet) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Yield (scanner, rule indices) for each necessary call. Failed rules are omitted."""
        for name, members in self._by_scanner.items():
            indices = tuple(
                index for index in members if rules >> index & 1 and index not in self.failures
            )
            if self.together and indices:
                yield name, indices
            elif indices:
                yield from ((name, (index,)) for index in indices)

    def _find_by(
        self, scanner: str, indices: tuple[int, ...], path: str, content: bytes
    ) -> Iterator[tuple[int, tuple[Spot, ...]]]:
        answer = self._call(scanner, indices, path, content)
        if not isinstance(answer, Failure):
            for position, spots in answer.items():
                yield indices[position], spots
        elif len(indices) > 1:
            yield from self._find_one_by_one(scanner, indices, path, content)
        elif answer.kind is None:
            self.fail(indices[0], f"rule {self.rules[indices[0]].rule.id}: {answer.reason}")
        else:
            self._errors[indices[0]] = answer.kind, answer.reason

    def _call(
        self, scanner: str, indices: tuple[int, ...], path: str, content: bytes
    ) -> Answer | Failure:
        """Call a scanner for rules, and return their matches by position in `indices`."""
        return self.call_scanner(indices[0], partial(self._ask, scanner, indices, path, content))

    def call_scanner(self, index: int, ask: Callable[[], _T]) -> _T | Failure:
        """Run a scanner's code for a rule, in a separate process if the walk requires it."""
        bound = self.rules[index]
        if self.isolation is not None and bound.foreign:
            return self.isolation.call(bound.rule.scanner, ask)
        with self.calling(index):
            return ask()

    def _ask(
        self, scanner: str, indices: tuple[int, ...], path: str, content: bytes
    ) -> Answer | Failure:
        """Run the code of a scanner, and return any error as a failure."""
        bound = self.rules[indices[0]]
        try:
            finder = self.finder(scanner, indices)
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything
            return Failure(None, failure_text(bound, error))
        try:
            pairs = finder(path, content)
            if isinstance(pairs, tuple) and not pairs:
                # Most files have no matches.
                return {}
            found = collect(pairs, len(indices))
            by_line = self.by_line
            require_lines(
                [
                    match
                    for position, matches in found.items()
                    if by_line >> indices[position] & 1
                    for match in matches
                ],
                content,
            )
            return {position: spots_of(found[position]) for position in sorted(found)}
        except ProgramUnavailableError as error:
            return Failure(None, failure_text(bound, error))
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything
            kind: UnreadKind = "crashed" if isinstance(error, MemoryError) else "failed"
            return Failure(kind, failure_text(bound, error))

    def _find_one_by_one(
        self, scanner: str, indices: tuple[int, ...], path: str, content: bytes
    ) -> Iterator[tuple[int, tuple[Spot, ...]]]:
        """Match rules one by one to find out which of them fail."""
        for index in indices:
            yield from self._find_by(scanner, (index,), path, content)

    def finder(self, scanner: str, indices: tuple[int, ...]) -> Finder:
        """Return the function that searches files for the matches of a scanner's rules."""
        finder = self._finders.get((scanner, indices))
        if finder is None:
            instance = self.rules[indices[0]].scanner
            assert isinstance(instance, ContentScanner)
            finder = instance.compile([self.rules[index].options for index in indices])
            self._finders[scanner, indices] = finder
        return finder


def _for_patterns(name: bytes) -> str:
    """Return a file name as a string that patterns can match."""
    # Replace newlines, because a pattern would stop matching there. Replace bytes that are not
    # UTF-8, because pathspec can use RE2, which rejects lone surrogates.
    return name.decode("utf-8", "replace").replace("\n", "\x01")


def is_utf8(content: bytes) -> bool:
    """Return whether the content is valid UTF-8."""
    if content.isascii():
        return True
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True
