"""Match all content rules against a file in one pass, and decide which rules select a path."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from headway.git.attributes import NO_ATTRIBUTES, Attributes
from headway.git.path_encoding import bytes_of, text_of
from headway.model.campaign import Rule
from headway.model.limits import EXCERPT_LENGTH
from headway.model.scope import compiled
from headway.progress.gaps import UnreadKind
from headway.progress.opening import Spot
from headway.scanner import ContentScanner, Finder, Match, Options, RepositoryScanner, Scanner
from headway.workers.active_rule import ActiveRule, error_text

IDENTITY_LENGTH = 400
EXACT_LENGTH = 10_000
"""Matched lines up to this length, in characters, are recorded exactly."""
CAPTURE_LENGTH = 200
_CACHED_LENGTH = 1000
"""Longer lines, in characters, are not cached, because a line may be several megabytes long."""
_CACHED_PATHS = 100_000
"""The maximum number of cached file names. A tree may have more names than fit in memory."""


@dataclass(frozen=True, slots=True)
class BoundRule:
    """A rule with its scanner and validated options."""

    rule: Rule
    scanner: Scanner[Any]
    options: Options


class RuleFailedError(Exception):
    """A scanner returned an invalid match. The message describes the value."""


RuleSet = int
"""A set of rules as a bit mask. Bit `n` stands for the rule with index `n`."""


def indices_of(rules: RuleSet) -> Iterator[int]:
    """Yield the indices of the rules in a set."""
    while rules:
        lowest = rules & -rules
        yield lowest.bit_length() - 1
        rules ^= lowest


Hits = tuple[tuple[int, tuple[Spot, ...]], ...]
"""(Rule index, matches in one file) for each rule that has matches."""


class Matcher:
    """The rules of one walk, numbered by their position in the job."""

    def __init__(self, rules: Sequence[BoundRule], *, together: bool = True) -> None:
        """Prepare to match.

        Args:
            rules: The rules of the job, in order.
            together: Whether one call of a scanner may match several rules.
        """
        self.rules = rules
        self.together = together
        self.failures: dict[int, str] = {}
        """Maps a rule index to the reason why the rule failed in this repository."""
        self._errors: dict[int, tuple[UnreadKind, str]] = {}
        self.content: RuleSet = 0
        """The rules of content scanners."""
        self.by_path: RuleSet = 0
        """The content rules whose matches depend on the path."""
        self.by_line: RuleSet = 0
        """The content rules that match each line separately."""
        self._by_scanner: dict[str, list[int]] = defaultdict(list)
        for index, bound in enumerate(rules):
            if isinstance(bound.scanner, ContentScanner):
                self._by_scanner[bound.rule.scanner].append(index)
                self.content |= 1 << index
                if bound.scanner.path_matters:
                    self.by_path |= 1 << index
                elif bound.scanner.each_line_alone(bound.options):
                    self.by_line |= 1 << index
        self._by_patterns: dict[tuple[str, ...], RuleSet] = defaultdict(int)
        self.with_vendored: RuleSet = 0
        """The rules that also select vendored and generated code."""
        for index, bound in enumerate(rules):
            if not isinstance(bound.scanner, RepositoryScanner):
                self._by_patterns[bound.rule.paths] |= 1 << index
                if bound.rule.include_vendored:
                    self.with_vendored |= 1 << index
        self._attributes = NO_ATTRIBUTES
        self._paths: dict[bytes, str | None] = {}
        self._admitted: dict[str, RuleSet] = {}
        self._finders: dict[tuple[str, tuple[int, ...]], Finder] = {}
        self._calls: dict[RuleSet, tuple[tuple[str, tuple[int, ...]], ...]] = {}
        """For each set of rules, the scanner calls to make, as (scanner, rule indices)."""

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

    @staticmethod
    def rule_set(indices: Iterable[int]) -> RuleSet:
        """Return the set of the rules with these indices."""
        rules = 0
        for index in indices:
            rules |= 1 << index
        return rules

    def keep(self, name: bytes) -> str | None:
        """Return a file name as text; None if no rule selects the file."""
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
        """Return the rules whose patterns select a path, unless the file is excluded."""
        try:
            return self._admitted[path]
        except KeyError:
            return self._decide(bytes_of(path))

    def find(self, rules: RuleSet, path: str, content: bytes) -> Hits:
        """Return the matches of content rules in one file. `take_errors` returns the errors."""
        hits: list[tuple[int, tuple[Spot, ...]]] = []
        calls = self._calls.get(rules)
        if calls is None:
            calls = self._calls[rules] = tuple(self._calls_for(rules))
        for name, indices in calls:
            hits.extend(self._find_by(name, indices, path, content))
        return tuple(hits)

    @property
    def has_errors(self) -> bool:
        """Whether a rule has failed in `find` since the last call of `take_errors`."""
        return bool(self._errors)

    def calling(self, index: int) -> AbstractContextManager[None]:
        """Return the context in which to call the scanner of a rule, or of several from this one.

        The context records which rule is active. A subclass may also measure the call.
        """
        return ActiveRule(index)

    def take_errors(self) -> dict[int, tuple[UnreadKind, str]]:
        """Return how rules have failed in `find` since the last call, by rule index."""
        errors, self._errors = self._errors, {}
        return errors

    def fail(self, index: int, reason: str) -> None:
        """Record that a rule has failed, and why."""
        self.failures.setdefault(index, reason)
        self._calls.clear()

    def fail_for_many(self, index: int, limit: int, what: str = "matches") -> None:
        """Record that a rule has failed because it exceeds the limit on matches, or on `what`."""
        rule = self.rules[index].rule
        self.fail(
            index,
            f"rule {rule.id}: there are more than {limit:,} {what}; narrow the pattern or the "
            "paths of the rule, or raise `matches` under [limits] in headway.toml",
        )

    def excluded(self, name: bytes) -> RuleSet:
        """Return the rules that do not admit a file only because it is vendored or generated."""
        if not self._attributes.excludes(name):
            return 0
        return self._selecting(name) & ~self.with_vendored

    def _decide(self, name: bytes) -> RuleSet:
        admitted = self._selecting(name)
        if admitted & ~self.with_vendored and self._attributes.excludes(name):
            admitted &= self.with_vendored
        return admitted

    def _selecting(self, name: bytes) -> RuleSet:
        """Return the rules whose patterns match a file name, even if the file is excluded."""
        # Replace newlines, because a pattern would stop matching there. Replace bytes that are not
        # UTF-8, because pathspec may use RE2, which rejects lone surrogates.
        text = name.decode("utf-8", "replace").replace("\n", "\x01")
        selecting = 0
        for patterns, rules in self._by_patterns.items():
            if not patterns or compiled(patterns).match_file(text):
                selecting |= rules
        return selecting

    def _calls_for(self, rules: RuleSet) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Yield each scanner with the indices of its rules that have not failed."""
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
        try:
            with self.calling(indices[0]):
                finder = self._finder(scanner, indices)
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything
            if len(indices) == 1:
                bound = self.rules[indices[0]]
                self.fail(indices[0], f"rule {bound.rule.id}: {_failure_text(bound, error)}")
            else:
                yield from self._find_one_by_one(scanner, indices, path, content)
            return
        try:
            with self.calling(indices[0]):
                found = _collect(finder(path, content), len(indices))
                for position, matches in found.items():
                    if self.by_line >> indices[position] & 1:
                        _require_lines(matches, content)
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything
            if len(indices) == 1:
                kind: UnreadKind = "crashed" if isinstance(error, MemoryError) else "failed"
                self._errors[indices[0]] = kind, _failure_text(self.rules[indices[0]], error)
            else:
                yield from self._find_one_by_one(scanner, indices, path, content)
            return
        for position in sorted(found):
            yield indices[position], _spots(found[position])

    def _find_one_by_one(
        self, scanner: str, indices: tuple[int, ...], path: str, content: bytes
    ) -> Iterator[tuple[int, tuple[Spot, ...]]]:
        """Match rules one by one to find out which of them fail."""
        for index in indices:
            yield from self._find_by(scanner, (index,), path, content)

    def _finder(self, scanner: str, indices: tuple[int, ...]) -> Finder:
        finder = self._finders.get((scanner, indices))
        if finder is None:
            instance = self.rules[indices[0]].scanner
            assert isinstance(instance, ContentScanner)
            finder = instance.compile([self.rules[index].options for index in indices])
            self._finders[scanner, indices] = finder
        return finder


def _collect(pairs: Iterable[tuple[int, Match]], count: int) -> dict[int, list[Match]]:
    found: dict[int, list[Match]] = defaultdict(list)
    for position, match in pairs:
        if not isinstance(match, Match) or not 0 <= position < count:
            raise RuleFailedError(f"the scanner returned {match!r:.80} instead of a Match")
        found[position].append(match)
    return found


def _require_lines(matches: Iterable[Match], content: bytes) -> None:
    """Reject matches without a valid line number, which identifies the file of a match."""
    last = content.count(b"\n") + 1
    for match in matches:
        if match.line is None or not 1 <= match.line <= last:
            raise RuleFailedError(f"the scanner returned {match!r:.80}, which has no valid line")


def _spots(matches: Iterable[Match]) -> tuple[Spot, ...]:
    """Return the stored form of all distinct matches, in order of position."""
    return tuple(sorted({spot_of(match) for match in matches}, key=spot_order))


def spot_order(spot: Spot) -> tuple[int, int, str]:
    """Return a sort key that orders matches by position."""
    return spot.line or 0, spot.column or 0, spot.text


def spot_of(match: Match) -> Spot:
    """Return the stored form of a match: valid text of limited length."""
    text, column = match.text, match.column
    texts = _cached_texts if len(text) <= _CACHED_LENGTH else _texts_of
    identity, excerpt, exact = texts(text, column)
    captures: tuple[tuple[str, str], ...] = ()
    if match.captures:
        captures = tuple(
            sorted(
                (str(name), _cut(storable(str(value)))) for name, value in match.captures.items()
            )
        )
    return Spot(identity, match.line, column, excerpt, captures, exact)


def _texts_of(text: str, column: int | None) -> tuple[str, str, str | None]:
    """Return a line's identity and excerpt, and its exact text if it differs from the identity."""
    text = storable(text)
    identity, exact = identity_text(text), exact_text(text)
    return identity, _excerpt(text, column), None if exact == identity else exact


_cached_texts = lru_cache(maxsize=1 << 15)(_texts_of)
"""Cached, because the same line occurs in many versions of a file."""


def _cut(value: str) -> str:
    return value if len(value) <= CAPTURE_LENGTH else f"{value[: CAPTURE_LENGTH - 1]}…"


def identity_text(text: str) -> str:
    """Return the text with white space collapsed.

    A very long text is cut, and its fingerprint is appended.
    """
    return _cut_and_hashed(" ".join(text.split()), IDENTITY_LENGTH)


def exact_text(text: str) -> str:
    """Return the text unchanged, or cut and with its fingerprint appended if it is very long."""
    return _cut_and_hashed(text, EXACT_LENGTH)


def _cut_and_hashed(text: str, length: int) -> str:
    if len(text) <= length:
        return text
    fingerprint = hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
    return f"{text[: length - 20]} … {fingerprint}"


def storable(text: str) -> str:
    """Escape lone surrogates and NUL, which the store cannot hold."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def _excerpt(text: str, column: int | None) -> str:
    """Return the part of the line around the match, without indentation."""
    if len(text) <= EXCERPT_LENGTH:
        return text.strip()
    start = max(0, min((column or 1) - 1 - EXCERPT_LENGTH // 4, len(text) - EXCERPT_LENGTH))
    piece = text[start : start + EXCERPT_LENGTH].strip()
    before = "…" if start else ""
    after = "…" if start + EXCERPT_LENGTH < len(text) else ""
    return f"{before}{piece}{after}"


def _failure_text(bound: BoundRule, error: Exception) -> str:
    why = str(error) if isinstance(error, RuleFailedError) else error_text(error)
    return f"scanner {bound.rule.scanner} failed: {why:.300}"


def is_utf8(content: bytes) -> bool:
    """Return whether the content is valid UTF-8."""
    if content.isascii():
        return True
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True
