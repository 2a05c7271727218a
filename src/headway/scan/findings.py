"""What the rules find in the contents that a walk comes across: each content is read once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from headway.git.history import Change
from headway.git.objects import read_texts
from headway.model.limits import Limits
from headway.progress.tracker import Found, Spot
from headway.scan.batch_search import BatchSearch
from headway.scan.incremental_match import Versions
from headway.scan.matching import Hits, Matcher, spot_of
from headway.scanner import Match, TreeScanner
from headway.workers.active_rule import ActiveRule, said

_ANYWHERE = ""


class MatchBufferFullError(Exception):
    """What was found in the files of a window is more than is to be in memory at a time."""


@dataclass(slots=True)
class _Reading:
    """One content to read. path: where it came first. places: the paths it must be matched at, and
    the rules to match there.
    """

    path: str
    places: dict[str, int] = field(default_factory=dict)


_Work = dict[str, _Reading]
"""By blob, those of later commits later."""


class Findings:
    """Matches by content for content rules, by path for tree rules.

    held: path to the rules that have something open there, as a bit mask. content: the rules that
    read contents.
    """

    def __init__(self, matcher: Matcher, git_dir: Path, limits: Limits) -> None:
        self.matcher = matcher
        self.blobs_read = 0
        self.held: dict[str, int] = {}
        self._git_dir = git_dir
        self._limits = limits
        self._hits: dict[tuple[str, str], Hits] = {}
        self._done: dict[tuple[str, str], int] = {}
        self._spots: Counter[int] = Counter()
        self._trees: dict[int, TreeFindings] = {}
        for index, bound in enumerate(matcher.rules):
            if isinstance(bound.scanner, TreeScanner):
                self._trees[index] = TreeFindings(matcher, index)

    def hold(self, path: str, index: int) -> None:
        """This rule has something open at `path`."""
        self.held[path] = self.held.get(path, 0) | 1 << index

    def release(self, path: str, index: int) -> None:
        """This rule has nothing open at `path` any more."""
        left = self.held.get(path, 0) & ~(1 << index)
        if left:
            self.held[path] = left
        else:
            self.held.pop(path, None)

    def begin(self, windows: Iterable[Sequence[Change]], mask: int) -> dict[int, dict[str, Found]]:
        """Rule to path to what it finds in a whole tree, given as paths that came."""
        found: dict[int, dict[str, Found]] = defaultdict(dict)
        paths: dict[int, dict[str, str]] = {index: {} for index in self._trees if mask >> index & 1}
        total: Counter[int] = Counter()
        most = self._limits.max_matches
        for window in windows:
            self._read_wholly(window, mask)
            for path, _, blob in window:
                assert blob is not None
                admitted = self.matcher.admitted(path) & mask
                for index, spots in self._found(path, blob):
                    if admitted >> index & 1:
                        found[index][path] = Found(blob, spots)
                        total[index] += len(spots)
                for index, here in paths.items():
                    if admitted >> index & 1:
                        here[path] = blob
            self.make_room()
            for index in [each for each, count in total.items() if count > most]:
                self.matcher.fail_for_many(index, most)
                found.pop(index, None)
        for index, here in paths.items():
            found[index] = self._trees[index].begin(here)
            if sum(len(it.spots) for it in found[index].values()) > most:
                self.matcher.fail_for_many(index, most)
                del found[index]
        return found

    def forget(self) -> None:
        """What was found: where it comes again, its content is read again."""
        for key in self._hits:
            self._done.pop(key, None)
        self._hits.clear()
        self._spots.clear()

    def make_room(self) -> None:
        """Forgets what was found when it is much; else it spares reading what comes again."""
        if self._spots.total() > self._limits.held_matches // 2:
            self.forget()

    def fail_most(self) -> None:
        """The rule that has found most is not followed further here."""
        index = max(self._spots, key=self._spots.__getitem__)
        self.matcher.fail_for_many(index, self._limits.held_matches)
        self.forget()

    def _read_wholly(self, window: Sequence[Change], mask: int) -> None:
        """`read_many`, without the rules that find more than can be held."""
        while True:
            try:
                self.read_many([(window, mask)])
            except MatchBufferFullError:
                self.fail_most()
            else:
                return

    def read_many(self, batches: Iterable[tuple[Iterable[Change], int]]) -> None:
        """Reads and matches each content of several commits once. Raises `MatchBufferFullError`."""
        work: _Work = {}
        for changes, mask in batches:
            for change in changes:
                if change.new is not None:
                    self._plan(work, change.path, change.new, mask & self.matcher.content)
        self._match(work)

    def of_commit(self, changes: Sequence[Change], mask: int) -> dict[int, dict[str, Found | None]]:
        """Rule to path to what it holds after the changes, where the rule has or had something."""
        held = self.held
        changed: dict[int, dict[str, Found | None]] = defaultdict(dict)
        for change in changes:
            path, new = change.path, change.new
            concerned = held.get(path, 0) & mask
            while concerned:
                lowest = concerned & -concerned
                changed[lowest.bit_length() - 1][path] = None
                concerned ^= lowest
            if new is not None:
                admitted = self.matcher.admitted(path) & mask
                for index, spots in self._found(path, new):
                    if admitted >> index & 1:
                        changed[index][path] = Found(new, spots)
        for index, tree in self._trees.items():
            if mask >> index & 1:
                changed[index].update(tree.advance(changes, held))
        return {index: paths for index, paths in changed.items() if paths}

    def _plan(self, work: _Work, path: str, blob: str, mask: int) -> None:
        admitted = self.matcher.admitted(path) & mask
        by_path = admitted & self.matcher.by_path
        for place, rules in ((_ANYWHERE, admitted & ~by_path), (path, by_path)):
            missing = rules & ~self._done.get((blob, place), 0)
            if missing:
                places = work.setdefault(blob, _Reading(path)).places
                places[place] = places.get(place, 0) | missing

    def _match(self, work: _Work) -> None:
        # the versions of one path together, the latest first: git then has the fewest deltas to
        # undo, and what is found in one version mostly holds for the next
        latest_first = list(reversed(work))
        blobs = sorted(latest_first, key=lambda blob: work[blob].path)
        versions = Versions(self.matcher)
        heap = BatchSearch(self.matcher, self._keep)
        read = read_texts(self._git_dir, blobs, max_bytes=self._limits.max_text_bytes)
        for (blob, content), alone in zip(read, _alone(blobs, work), strict=True):
            self.blobs_read += 1
            reading = work[blob]
            for place, mask in reading.places.items():
                key = blob, place
                if not content:
                    self._keep(key, mask, ())
                elif place == _ANYWHERE and not alone:
                    self._keep(key, mask, versions.find(reading.path, mask, content))
                elif place != _ANYWHERE or not heap.take(key, mask, content):
                    self._keep(key, mask, self.matcher.find(mask, place, content))
        heap.search()

    def _keep(self, key: tuple[str, str], mask: int, hits: Hits) -> None:
        self._done[key] = self._done.get(key, 0) | mask
        if hits:
            self._hits[key] = self._hits.get(key, ()) + hits
            self._hold(hits)

    def _hold(self, hits: Hits) -> None:
        for index, spots in hits:
            self._spots[index] += len(spots)
        if self._spots.total() > self._limits.held_matches:
            raise MatchBufferFullError

    def _found(self, path: str, blob: str) -> Hits:
        anywhere = self._hits.get((blob, _ANYWHERE), ())
        if not self.matcher.by_path:
            return anywhere
        return anywhere + self._hits.get((blob, path), ())


def _alone(blobs: Sequence[str], work: _Work) -> Iterator[bool]:
    """For each blob, whether it is the only version of its path."""
    paths = [work[blob].path for blob in blobs]
    for before, path, after in zip([None, *paths], paths, [*paths[1:], None], strict=False):
        yield path not in (before, after)


class TreeFindings:
    """What one tree rule finds as paths come and go."""

    def __init__(self, matcher: Matcher, index: int) -> None:
        self._matcher = matcher
        self._index = index
        self._bound = matcher.rules[index]
        assert isinstance(self._bound.scanner, TreeScanner)
        self._scanner = self._bound.scanner
        self.each_path_alone = self._scanner.each_path_alone
        self._paths: dict[str, str] = {}
        self._found: dict[str, tuple[Spot, ...]] = {}

    def begin(self, paths: Mapping[str, str]) -> dict[str, Found]:
        """A whole tree, as path to blob; gives what is found in it."""
        self._paths = dict(paths)
        if self.each_path_alone:
            self._ask_each(sorted(self._paths))
        else:
            self._found = self._ask(sorted(self._paths))
        return {path: found for path in self._paths if (found := self._now(path)) is not None}

    def advance(
        self, changes: Iterable[Change], held: Mapping[str, int]
    ) -> dict[str, Found | None]:
        """Path to what this rule finds there now, for the paths where that may have changed."""
        mine = [
            change for change in changes if self._matcher.admitted(change.path) >> self._index & 1
        ]
        if not mine or self._index in self._matcher.failures:
            return {}
        before = dict(self._found) if not self.each_path_alone else {}
        for change in mine:
            if change.new is None:
                self._paths.pop(change.path, None)
            else:
                self._paths[change.path] = change.new
        touched = {change.path for change in mine}
        if self.each_path_alone:
            self._ask_each(path for path in touched if path in self._paths)
        elif any(change.new is None or change.old is None for change in mine):
            self._found = self._ask(sorted(self._paths))
            touched |= {path for path in {*before, *self._found} if self._differs(path, before)}
        return {
            path: self._now(path)
            for path in touched
            if self._now(path) is not None or held.get(path, 0) >> self._index & 1
        }

    def _now(self, path: str) -> Found | None:
        spots = self._found.get(path) if path in self._paths else None
        return Found(self._paths[path], spots) if spots else None

    def _differs(self, path: str, before: Mapping[str, tuple[Spot, ...]]) -> bool:
        return before.get(path) != self._found.get(path)

    def _ask_each(self, paths: Iterable[str]) -> None:
        for path in paths:
            if path not in self._found:
                self._found[path] = self._ask([path]).get(path, ())

    def _ask(self, paths: Sequence[str]) -> dict[str, tuple[Spot, ...]]:
        found: dict[str, list[Spot]] = defaultdict(list)
        try:
            with ActiveRule(self._index):
                for match in self._scanner.find(self._bound.options, paths):
                    if not isinstance(match, Match) or match.path not in self._paths:
                        raise TypeError(f"it gave back {match!r:.80} where a Match is due")
                    found[match.path].append(spot_of(match))
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything
            rule = self._bound.rule
            self._matcher.fail(
                self._index, f"rule {rule.id}: scanner {rule.scanner} failed: {said(error)}"
            )
            return {}
        return {path: tuple(sorted(set(spots), key=_order)) for path, spots in found.items()}


def _order(spot: Spot) -> tuple[int, int, str]:
    return spot.line or 0, spot.column or 0, spot.text
