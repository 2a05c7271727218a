"""The matches that rules found in blobs during earlier walks of any repository.

In this module, the matches of a rule in a blob are called an answer. An answer depends on the
content of the blob, on the scanner with its options and, for some scanners, on the path. It does
not depend on the repository, the campaign, the rule's `paths` or the commit. The match cache
therefore stores answers under the blob ID for later walks, for example for a new campaign, in a
fork, or after a history was rewritten or a store was lost.

Only answers of shipped scanners are stored. A scanner in a workspace can change without a new
`version`, and its matches can depend on anything. It can also change its process. A walk that runs
such a scanner in its own process therefore stores no answers at all. Rules that fail have no
answer, and nothing is stored for unreadable blobs. A known answer is used only if git has the blob
and can read its type and size, so a missing or truncated blob remains unreadable. As in a scan that
continues an earlier one, the content of the blob is not checked for damage again.
"""

from __future__ import annotations

import importlib.metadata
import json
import sys
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from headway.git.missing_blobs import absent_or_damaged
from headway.git.path_encoding import bytes_of
from headway.git.process import GitError
from headway.model.limits import Limits
from headway.progress.opening import Spot
from headway.scan.blobs_to_read import ANYWHERE, Place, Reading, Work
from headway.scan.bound_rule import BoundRule
from headway.scan.matching import Hits, Matcher, RuleSet, indices_of
from headway.scan.spots import EXACT_LENGTH, restored_spot
from headway.scanner import ContentScanner
from headway.store.match_cache import MatchCache
from headway.version import __version__

_FORMAT = 1
"""The version of the format. Increase it if the form of the stored matches or `Spot` changes."""
_LIBRARIES = ("google-re2", "ast-grep-py", "PyYAML", "yamlcore")
"""The packages that determine the matches of shipped content scanners."""
_KEY_BYTES = 16
_SET_BYTES = 8
_NOTHING, _BINARY, _MATCHES = range(3)
_LENGTH_BYTES = 4
_LARGEST_ANSWER = 64_000
"""The maximum size of a stored answer, in bytes. Many answers are in memory at the same time."""
_LONGEST_LINE = EXACT_LENGTH // 2
"""The maximum length of a line whose matches are stored. Longer lines may have been cut."""
_BLOBS_AT_ONCE = 2_000
_PENDING_PLACES = 10_000


class Answer(NamedTuple):
    """The matches of some rules in one blob."""

    rules: RuleSet
    hits: Hits
    is_binary: bool


@dataclass(slots=True)
class _NewSet:
    """A set of this walk's rules."""

    nothing: bytes
    """The record of an answer without matches."""
    binary: bytes
    matches: bytes
    """The beginning of the record of an answer with matches."""
    positions: Mapping[int, int]
    """Maps each rule to its position in the set."""


@dataclass(slots=True)
class _Set:
    """A set of rules in the cache. It contains only the rules that this walk also has."""

    rules: RuleSet = 0
    by_position: list[RuleSet] = field(default_factory=list)
    """For each rule in the set, the rules of this walk that always find the same matches."""


class KnownMatches:
    """The answers in the match cache, and the new answers that `save` adds."""

    def __init__(self, cache: MatchCache, matcher: Matcher, limits: Limits, git_dir: Path) -> None:
        self._cache = cache
        self._git_dir = git_dir
        self._keys: dict[int, bytes] = {}
        """Maps each rule whose answers are stored to the key of its scanner and options."""
        self._rules_of: dict[bytes, RuleSet] = {}
        for index, bound in enumerate(matcher.rules):
            if _is_kept(bound):
                key = self._keys[index] = _rule_key(bound, limits)
                self._rules_of[key] = self._rules_of.get(key, 0) | 1 << index
        self._kept = matcher.rule_set(self._keys)
        # In this process, a scanner of the workspace may have changed the results of shipped
        # scanners.
        isolated = matcher.isolation is not None
        self.adds = isolated or not any(bound.foreign for bound in matcher.rules)
        """Whether new answers are added to the cache."""
        self._sets: dict[bytes, _Set] = {}
        self._new: dict[RuleSet, _NewSet] = {}
        self._new_sets: dict[bytes, bytes] = {}
        self._pending: dict[bytes, bytes] = {}
        self._partial: dict[bytes, bytes] = {}
        """The cache entries of the places for which the answers of some rules are missing, by place
        name.
        """

    def part_of(self, work: Work, *, leave: Container[str]) -> Work:
        """Return the part of `work` whose answers can be stored, without the blobs in `leave`."""
        part: Work = {}
        for blob, reading in work.items():
            places = {
                path: rules & self._kept
                for path, rules in reading.places.items()
                if rules & self._kept
            }
            if places and blob not in leave:
                part[blob] = Reading(reading.path, places)
        return part

    def take_from(self, work: Work, *, leave: Container[str]) -> Iterator[tuple[Place, Answer]]:
        """Yield the known answers, and remove their rules from `work`.

        Args:
            work: The blobs to read.
            leave: The IDs of blobs that must be read.
        """
        if not self._kept:
            return
        self._partial.clear()
        blobs = iter([blob for blob in work if blob not in leave])
        while part := list(islice(blobs, _BLOBS_AT_ONCE)):
            yield from self._take_from(work, part)

    def _take_from(self, work: Work, blobs: Iterable[str]) -> Iterator[tuple[Place, Answer]]:
        wanted = {
            _name(blob, path): (blob, path)
            for blob in blobs
            for path, rules in work[blob].places.items()
            if rules & self._kept
        }
        values = self._cache.get(wanted)
        self._read_sets(values.values())
        answers = {}
        for name, value in values.items():
            blob, path = wanted[name]
            answer = self._answer(value, work[blob].places[path])
            if answer.rules:
                answers[blob, path] = answer
            if answer.rules != work[blob].places[path] & self._kept:
                self._partial[name] = value
        if not answers:
            return
        try:
            missing = set(absent_or_damaged(self._git_dir, {blob for blob, _ in answers}))
        except GitError:
            return
        for (blob, path), answer in answers.items():
            if blob not in missing:
                places = work[blob].places
                places[path] &= ~answer.rules
                if not places[path]:
                    del places[path]
                if not places:
                    del work[blob]
                yield (blob, path), answer

    def add(self, place: Place, rules: RuleSet, hits: Hits, *, is_binary: bool) -> None:
        """Add answers that were just found, unless they are too large."""
        if not self.adds:
            return
        new = self._new.get(rules)
        if new is None:
            new = self._new[rules] = self._new_set(rules & self._kept)
        if not new.positions:
            return
        if is_binary:
            record = new.binary
        elif not hits:
            record = new.nothing
        else:
            encoded = _encoded(hits, new.positions)
            if encoded is None:
                return
            record = new.matches + len(encoded).to_bytes(_LENGTH_BYTES, "big") + encoded
        name = _name(*place)
        if name in self._pending:
            record = self._pending[name] + record
        elif name in self._partial:
            record = self._partial[name] + record
        self._pending[name] = record
        if len(self._pending) >= _PENDING_PLACES:
            self.save()

    def save(self) -> None:
        """Write the new answers to the cache."""
        if self._pending:
            self._cache.put({**self._new_sets, **self._pending})
            self._pending = {}

    def _new_set(self, rules: RuleSet) -> _NewSet:
        keys = sorted({self._keys[index] for index in indices_of(rules)})
        joined = b"".join(keys)
        set_id = _set_id(joined)
        self._new_sets[_set_name(set_id)] = joined
        return _NewSet(
            nothing=set_id + bytes((_NOTHING,)),
            binary=set_id + bytes((_BINARY,)),
            matches=set_id + bytes((_MATCHES,)),
            positions={index: keys.index(self._keys[index]) for index in indices_of(rules)},
        )

    def _read_sets(self, values: Iterable[bytes]) -> None:
        """Look up the rule sets of these answers."""
        unknown = {set_id for value in values for set_id, _, _ in _records(value)}
        unknown -= self._sets.keys()
        if unknown:
            found = self._cache.get(map(_set_name, unknown))
            for set_id in unknown:
                joined = found.get(_set_name(set_id), b"")
                known = self._sets[set_id] = _Set()
                if _set_id(joined) == set_id:
                    for first in range(0, len(joined), _KEY_BYTES):
                        rules = self._rules_of.get(joined[first : first + _KEY_BYTES], 0)
                        known.by_position.append(rules)
                        known.rules |= rules

    def _answer(self, value: bytes, wanted: RuleSet) -> Answer:
        """Return the answers of the wanted rules in a cache entry."""
        answered: RuleSet = 0
        hits: list[tuple[int, tuple[Spot, ...]]] = []
        is_binary = False
        for set_id, kind, encoded in _records(value):
            known = self._sets[set_id]
            rules = known.rules & wanted & ~answered
            if not rules:
                continue
            answered |= rules
            is_binary |= kind == _BINARY
            if kind == _MATCHES:
                for position, spots in _decode(encoded):
                    same = known.by_position[position] & rules
                    hits.extend((index, spots) for index in indices_of(same))
        return Answer(answered, tuple(sorted(hits)), is_binary)


def _is_kept(bound: BoundRule) -> bool:
    scanner = bound.scanner
    return isinstance(scanner, ContentScanner) and not bound.foreign and not scanner.starts_programs


def _rule_key(bound: BoundRule, limits: Limits) -> bytes:
    """Return a hash of everything that determines a rule's matches, except path and content."""
    parts = [
        _engine(),
        bound.rule.scanner,
        bound.scanner.version,
        dict(bound.rule.options),
        limits.max_text_bytes,
    ]
    return blake2b(json.dumps(parts, sort_keys=True).encode(), digest_size=_KEY_BYTES).digest()


@cache
def _engine() -> list[str]:
    """Return the versions of all code that reads and searches files."""
    versions = [str(_FORMAT), __version__, sys.version]
    for library in _LIBRARIES:
        try:
            versions.append(f"{library} {importlib.metadata.version(library)}")
        except importlib.metadata.PackageNotFoundError:
            versions.append(f"no {library}")
    return versions


def _name(blob: str, path: str) -> bytes:
    """Return the name under which the cache stores the answers for a blob at a path."""
    return blob.encode("ascii") if path == ANYWHERE else b"%b %b" % (blob.encode(), bytes_of(path))


def _set_id(joined: bytes) -> bytes:
    return blake2b(joined, digest_size=_SET_BYTES).digest()


def _set_name(set_id: bytes) -> bytes:
    return b"rules " + set_id


def _records(value: bytes) -> Iterator[tuple[bytes, int, bytes]]:
    """Yield the answers in an entry as (ID of the rule set, kind, encoded matches)."""
    start = 0
    while start < len(value):
        kind = start + _SET_BYTES
        begin = end = kind + 1
        if value[kind] == _MATCHES:
            begin += _LENGTH_BYTES
            end = begin + int.from_bytes(value[kind + 1 : begin], "big")
        yield value[start:kind], value[kind], value[begin:end]
        start = end


def _encoded(hits: Hits, positions: Mapping[int, int]) -> bytes | None:
    """Encode matches. Return None if they should not be stored."""
    by_position = {}
    for index, spots in hits:
        if index in positions:
            lines = [text if exact is None else exact for text, _, _, _, _, exact in spots]
            if max(map(len, lines)) >= _LONGEST_LINE:
                return None
            by_position[positions[index]] = [
                (spot.line, spot.column, line, *spot.captures)
                for spot, line in zip(spots, lines, strict=True)
            ]
    encoded = _to_json(list(by_position.items())).encode()
    return encoded if len(encoded) <= _LARGEST_ANSWER else None


_to_json = json.JSONEncoder(separators=(",", ":")).encode


def _decode(encoded: bytes) -> Iterator[tuple[int, tuple[Spot, ...]]]:
    for position, spots in json.loads(encoded):
        yield (
            position,
            tuple(
                restored_spot(text, line, column, tuple(map(_pair, captures)))
                for line, column, text, *captures in spots
            ),
        )


def _pair(capture: Sequence[str]) -> tuple[str, str]:
    name, value = capture
    return name, value
