"""All content rules over one file in one pass, and which rules a path is for."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any

from headway.git.path_encoding import bytes_of, text_of
from headway.model.campaign import Rule
from headway.model.scope import compiled
from headway.progress.tracker import Spot
from headway.scanner import ContentScanner, Finder, Match, Options, RepositoryScanner, Scanner
from headway.workers.active_rule import ActiveRule, said

EXCERPT_LENGTH = 200
IDENTITY_LENGTH = 400
CAPTURE_LENGTH = 200
_REMEMBERED_LENGTH = 1000
_PATHS = 100_000
"""How many names are remembered with the rules for them: a tree can have more than memory holds."""


@dataclass(frozen=True, slots=True)
class BoundRule:
    """A rule with the scanner that carries it out and its options as that scanner wants them."""

    rule: Rule
    scanner: Scanner[Any]
    options: Options


class RuleFailedError(Exception):
    """A scanner raised, or gave back something that is no match; the text says which and what."""


RuleSet = int
"""A set of rules as a bit mask: bit `n` is set if the rule with the index `n` belongs to it."""

Hits = tuple[tuple[int, tuple[Spot, ...]], ...]
"""(index of the rule, its spots in one file), only for rules that found something."""


class Matcher:
    """The rules of one walk, numbered by their position; sets of rules are bit masks.

    failures: index of a rule to why it can no longer be trusted in this repository. by_path: rules
    that look at the path. by_line: those that look at each line alone.
    """

    def __init__(self, rules: Sequence[BoundRule]) -> None:
        self.rules = rules
        self.failures: dict[int, str] = {}
        self.content: RuleSet = 0
        self.by_path: RuleSet = 0
        self.by_line: RuleSet = 0
        self._groups: dict[str, list[int]] = defaultdict(list)
        for index, bound in enumerate(rules):
            if isinstance(bound.scanner, ContentScanner):
                self._groups[bound.rule.scanner].append(index)
                self.content |= 1 << index
                if bound.scanner.path_matters:
                    self.by_path |= 1 << index
                elif bound.scanner.each_line_alone(bound.options):
                    self.by_line |= 1 << index
        self._masks: dict[tuple[str, ...], int] = defaultdict(int)
        for index, bound in enumerate(rules):
            if not isinstance(bound.scanner, RepositoryScanner):
                self._masks[bound.rule.paths] |= 1 << index
        self._paths: dict[bytes, str | None] = {}
        self._admitted: dict[str, int] = {}
        self._finders: dict[tuple[str, tuple[int, ...]], Finder] = {}
        self._plans: dict[int, tuple[tuple[str, tuple[int, ...]], ...]] = {}

    @staticmethod
    def rule_set(indices: Iterable[int]) -> RuleSet:
        """The set of the rules with these indices."""
        rules = 0
        for index in indices:
            rules |= 1 << index
        return rules

    def keep(self, name: bytes) -> str | None:
        """The text of a file name when any rule is for it, else None."""
        try:
            return self._paths[name]
        except KeyError:
            if len(self._paths) >= _PATHS:
                self._paths.clear()
                self._admitted.clear()
            mask = self._decide(name)
            path = text_of(name) if mask else None
            self._paths[name] = path
            if path is not None:
                self._admitted[path] = mask
            return path

    def admitted(self, path: str) -> int:
        """Which rules are for a path that `keep` has kept."""
        try:
            return self._admitted[path]
        except KeyError:
            return self._decide(bytes_of(path))

    def find(self, mask: int, path: str, content: bytes) -> Hits:
        """What the content rules in `mask` find in one file; a rule that fails is dropped."""
        hits: list[tuple[int, tuple[Spot, ...]]] = []
        plan = self._plans.get(mask)
        if plan is None:
            plan = self._plans[mask] = tuple(self._whom_to_ask(mask))
        for name, indices in plan:
            hits.extend(self._find_by(name, indices, path, content))
        return tuple(hits)

    def fail(self, index: int, reason: str) -> None:
        """From here on this rule's findings are not to be trusted."""
        self.failures.setdefault(index, reason)
        self._plans.clear()

    def fail_for_many(self, index: int, limit: int) -> None:
        """This rule finds more than `limit`, and nobody would work such a list off."""
        rule = self.rules[index].rule
        self.fail(
            index,
            f"rule {rule.id}: it finds more than {limit:,} places; make its pattern or its paths "
            "narrower, or raise `matches` under [limits] in headway.toml",
        )

    def _decide(self, name: bytes) -> int:
        # a newline in a name must not end the match of a pattern, and pathspec may search with RE2,
        # which takes no lone surrogates: a byte that is not UTF-8 is one unknown character
        text = name.decode("utf-8", "replace").replace("\n", "\x01")
        mask = 0
        for patterns, members in self._masks.items():
            if not patterns or compiled(patterns).match_file(text):
                mask |= members
        return mask

    def _whom_to_ask(self, mask: int) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Scanner to the rules of it in `mask` that have not failed, where there are any."""
        for name, members in self._groups.items():
            indices = tuple(
                index for index in members if mask >> index & 1 and index not in self.failures
            )
            if indices:
                yield name, indices

    def _find_by(
        self, scanner: str, indices: tuple[int, ...], path: str, content: bytes
    ) -> Iterator[tuple[int, tuple[Spot, ...]]]:
        try:
            with ActiveRule(indices[0]):
                finder = self._finder(scanner, indices)
                found = _collect(finder(path, content), len(indices))
                by_line = [it for at, it in found.items() if self.by_line >> indices[at] & 1]
                _must_have_lines(by_line, content)
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything
            yield from self._find_one_by_one(indices, path, content, error)
            return
        for position in sorted(found):
            yield indices[position], _spots(found[position])

    def _find_one_by_one(
        self, indices: tuple[int, ...], path: str, content: bytes, error: Exception
    ) -> Iterator[tuple[int, tuple[Spot, ...]]]:
        """Together they failed: find out which rules fail alone."""
        name = self.rules[indices[0]].rule.scanner
        if len(indices) == 1:
            self.fail(indices[0], _sentence(self.rules[indices[0]], path, error))
            return
        for index in indices:
            yield from self._find_by(name, (index,), path, content)

    def _finder(self, scanner: str, indices: tuple[int, ...]) -> Finder:
        known = self._finders.get((scanner, indices))
        if known is None:
            instance = self.rules[indices[0]].scanner
            assert isinstance(instance, ContentScanner)
            known = instance.compile([self.rules[index].options for index in indices])
            self._finders[scanner, indices] = known
        return known


def _collect(pairs: Iterable[tuple[int, Match]], count: int) -> dict[int, list[Match]]:
    found: dict[int, list[Match]] = defaultdict(list)
    for position, match in pairs:
        if not isinstance(match, Match) or not 0 <= position < count:
            raise RuleFailedError(f"it gave back {match!r:.80} where a Match is due")
        found[position].append(match)
    return found


def _must_have_lines(found: Sequence[Iterable[Match]], content: bytes) -> None:
    """For what is found in parts of a file is put together by its lines."""
    if found:
        last = content.count(b"\n") + 1
        for match in chain.from_iterable(found):
            if match.line is None or not 1 <= match.line <= last:
                raise RuleFailedError(f"it gave back {match!r:.80} where each match has its line")


def _spots(matches: Iterable[Match]) -> tuple[Spot, ...]:
    """One spot for each place, in order of position; the same place twice is one place."""
    return tuple(sorted({spot_of(match) for match in matches}, key=_position))


def _position(spot: Spot) -> tuple[int, int, str]:
    return spot.line or 0, spot.column or 0, spot.text


def spot_of(match: Match) -> Spot:
    """What is kept of a match: text that any store and terminal can hold, cut to size."""
    text, column = match.text, match.column
    # a line of megabytes is not to stay in memory for its few characters that are kept
    remembered = _remembered_texts if len(text) <= _REMEMBERED_LENGTH else _texts_of
    identity, excerpt = remembered(text, column)
    captures: tuple[tuple[str, str], ...] = ()
    if match.captures:
        captures = tuple(
            sorted(
                (str(name), _cut(storable(str(value)))) for name, value in match.captures.items()
            )
        )
    return Spot(identity, match.line, column, excerpt, captures)


def _texts_of(text: str, column: int | None) -> tuple[str, str]:
    """Identity and excerpt."""
    kept = storable(text)
    return identity_text(kept), _excerpt(kept, column)


_remembered_texts = lru_cache(maxsize=1 << 15)(_texts_of)
"""One line comes in many versions of its file."""


def _cut(value: str) -> str:
    return value if len(value) <= CAPTURE_LENGTH else f"{value[: CAPTURE_LENGTH - 1]}…"


def identity_text(text: str) -> str:
    """White space folded; very long lines are cut and told apart by a hash of the whole."""
    folded = " ".join(text.split())
    if len(folded) <= IDENTITY_LENGTH:
        return folded
    digest = hashlib.blake2b(folded.encode(), digest_size=8).hexdigest()
    return f"{folded[: IDENTITY_LENGTH - 20]} … {digest}"


def storable(text: str) -> str:
    """Without lone surrogates and NUL, which a store cannot hold."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def _excerpt(text: str, column: int | None) -> str:
    """The part of the line around the match, without its indentation."""
    if len(text) <= EXCERPT_LENGTH:
        return text.strip()
    start = max(0, min((column or 1) - 1 - EXCERPT_LENGTH // 4, len(text) - EXCERPT_LENGTH))
    piece = text[start : start + EXCERPT_LENGTH].strip()
    before = "…" if start else ""
    after = "…" if start + EXCERPT_LENGTH < len(text) else ""
    return f"{before}{piece}{after}"


def _sentence(bound: BoundRule, path: str, error: Exception) -> str:
    why = str(error) if isinstance(error, RuleFailedError) else said(error)
    # files that are searched together, for a rule to which paths mean nothing, have none
    where = f" on {path}" if path else ""
    return f"rule {bound.rule.id}: scanner {bound.rule.scanner} failed{where}: {why:.300}"


def is_utf8(content: bytes) -> bool:
    """Whether all of it is valid UTF-8."""
    if content.isascii():
        return True
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True
