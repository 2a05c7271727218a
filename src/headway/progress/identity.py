"""Pair the matches before a commit with the matches after it: same, moved or edited.

The steps follow "Item identity" in docs/numbers.md. Each step pairs only matches that are still
unpaired. File contents are needed only in the rare case that unpaired matches remain on both sides
of the commit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

from headway.progress.file_origins import file_origins
from headway.progress.hunks import HunkIndex, hunks
from headway.progress.places import UNKNOWN_FILES, CommitFiles, Pairing, Place
from headway.progress.similarity import similarity

SIMILAR = 0.75
"""The minimum similarity at which lines in different hunks are paired as an edit.

docs/numbers.md explains how this value was chosen.
"""
_COMPARISONS = 10_000
"""The maximum number of pairs of lines to compare.

Beyond this limit, matches in a hunk are paired in order. All other matches are paired only if their
lines are equal.
"""


def pair(
    old: Sequence[Place],
    new: Sequence[Place],
    files: CommitFiles = UNKNOWN_FILES,
    *,
    whole_files: bool = False,
) -> Pairing:
    """Pair a rule's places before and after a commit, at the paths that the commit changed.

    Args:
        old: The places before the commit, sorted by path and position.
        new: The places after the commit, sorted in the same way.
        files: The files that the commit changed.
        whole_files: Whether the places are whole files. The text of a whole file is its name.
    """
    if whole_files:
        return _WholeFiles(old, new, files).pairing()
    first = _Lines(old, new, files)
    first.pair_moves_before_edits()
    if first.is_open_on_both_sides and first.moved_between_surviving_files:
        # A move may have paired two places that belong to different edits, for example if several
        # files change to the next version. Pair edits first if fewer places then remain unpaired.
        second = _Lines(old, new, files)
        second.pair_edits_before_moves()
        if len(second.kept) > len(first.kept):
            return second.pairing()
    return first.pairing()


def neither_same_nor_moved(
    old: Sequence[Place], new: Sequence[Place], files: CommitFiles
) -> tuple[list[int], list[int]]:
    """Return the indices of the old and new places that are neither the same nor moved."""
    steps = _Lines(old, new, files)
    steps.pair_same_and_moved()
    return steps.old_left, steps.new_left


_Key = Callable[[Place], Hashable]


class _Steps:
    """The unpaired places, and the pairing steps that lines and whole files share."""

    def __init__(self, old: Sequence[Place], new: Sequence[Place], files: CommitFiles) -> None:
        self.old, self.new, self.files = old, new, files
        self.kept: list[tuple[int, int]] = []
        self.old_left: list[int] = list(range(len(old)))
        self.new_left: list[int] = list(range(len(new)))
        self._origins: dict[str, str] | None = None

    @property
    def is_open_on_both_sides(self) -> bool:
        """Return whether unpaired places remain among both the old and the new places."""
        return bool(self.old_left and self.new_left)

    def pairing(self) -> Pairing:
        """Return the pairs found so far, and the unpaired places."""
        return Pairing(tuple(sorted(self.kept)), tuple(self.old_left), tuple(self.new_left))

    def by_key(self, old_key: _Key, new_key: _Key | None = None) -> list[tuple[int, int]]:
        """Pair each remaining new place with the first remaining old place that has the same key.

        Return the new pairs.
        """
        if not self.is_open_on_both_sides:
            return []
        by_key: dict[Hashable, list[int]] = defaultdict(list)
        for index in reversed(self.old_left):
            by_key[old_key(self.old[index])].append(index)
        key = new_key or old_key
        pairs = []
        for index in self.new_left:
            candidates = by_key.get(key(self.new[index]))
            if candidates:
                pairs.append((candidates.pop(), index))
        self.take(pairs)
        return pairs

    def take(self, pairs: Sequence[tuple[int, int]]) -> None:
        """Record pairs, and remove their places from the remaining ones."""
        if pairs:
            self.kept += pairs
            taken_old, taken_new = {old for old, _ in pairs}, {new for _, new in pairs}
            self.old_left = [index for index in self.old_left if index not in taken_old]
            self.new_left = [index for index in self.new_left if index not in taken_new]

    def origins(self) -> dict[str, str]:
        """Map each added path to the old path that it was renamed or split from.

        Only paths with unpaired places are considered, because other files have no items to pair.
        """
        if self._origins is None:
            old_blobs = _blobs(self.old[index] for index in self.old_left)
            new_blobs = _blobs(
                self.new[index]
                for index in self.new_left
                if self.files.is_added(self.new[index].path)
            )
            self._origins = dict(file_origins(self.files, old_blobs, new_blobs))
        return self._origins


class _WholeFiles(_Steps):
    """Pairs whole files by path, then by content, then by common lines, and finally by name."""

    def pairing(self) -> Pairing:
        self.by_key(lambda place: (place.path, place.text))
        self.by_key(lambda place: place.path)
        self.by_key(lambda place: place.blob)
        if self.is_open_on_both_sides:
            origins = self.origins()
            self.by_key(lambda place: place.path, lambda place: origins.get(place.path))
            self.by_key(lambda place: place.text)
        return super().pairing()


class _Lines(_Steps):
    """Pairs lines that are the same, moved or edited."""

    def __init__(self, old: Sequence[Place], new: Sequence[Place], files: CommitFiles) -> None:
        super().__init__(old, new, files)
        self.moved_between_surviving_files = False

    def pair_moves_before_edits(self) -> None:
        """Pair lines in the usual order: same, moved, edited."""
        self.pair_same_and_moved()
        self._pair_edits_in_hunks()
        self._pair_edits_across_hunks()

    def pair_same_and_moved(self) -> None:
        """Pair old and new places with equal lines."""
        self._pair_same()
        self._pair_moves_elsewhere()

    def pair_edits_before_moves(self) -> None:
        """Pair edits within a hunk before moves to unrelated files."""
        self._pair_same()
        self._pair_edits_in_hunks()
        self._pair_moves_elsewhere()
        self._pair_edits_across_hunks()

    def _pair_same(self) -> None:
        """Pair old and new places with equal lines at the same path or in a renamed file."""
        self.by_key(lambda place: (place.path, place.text))
        self.by_key(
            lambda place: (place.text, place.blob),
            lambda place: (place.text, place.blob) if self.files.is_added(place.path) else None,
        )
        if self._has_ambiguous_moves():
            origins = self.origins()
            if origins:
                self.by_key(
                    lambda place: (place.path, place.text),
                    lambda place: (origins.get(place.path), place.text),
                )

    def _has_ambiguous_moves(self) -> bool:
        """Return whether a remaining line could have moved from or to more than one path."""
        if not self.is_open_on_both_sides:
            return False
        sources: dict[str, set[str]] = defaultdict(set)
        targets: dict[str, set[str]] = defaultdict(set)
        for index in self.old_left:
            sources[self.old[index].text].add(self.old[index].path)
        for index in self.new_left:
            targets[self.new[index].text].add(self.new[index].path)
        return any(
            len(sources[text]) > 1 or len(targets[text]) > 1
            for text in sources.keys() & targets.keys()
        )

    def _pair_moves_elsewhere(self) -> None:
        """Pair places with equal lines in files with the same name, then in any two files."""
        moves = self.by_key(lambda place: (place.text, place.path.rpartition("/")[2]))
        moves += self.by_key(lambda place: place.text)
        self.moved_between_surviving_files = any(
            not self.files.is_removed(self.old[before].path)
            and not self.files.is_added(self.new[after].path)
            for before, after in moves
        )

    def _pair_edits_in_hunks(self) -> None:
        """Pair the remaining places within each hunk, in order."""
        if not self.is_open_on_both_sides:
            return
        self._pair_unchanged_lines()
        for old_places, new_places in list(self._pairs_of_files()):
            # If the old file was split, some of its places may already be paired with another file.
            remaining = set(self.old_left)
            still_there = [place for place in old_places if place in remaining]
            if still_there:
                self.take(list(self._edits_in_hunks(still_there, new_places)))

    def _pair_unchanged_lines(self) -> None:
        """Pair unchanged lines with themselves if one of several equal lines was edited.

        An earlier step paired equal lines in order. For example, if the first of three equal lines
        was edited, the earlier step left the third line unpaired instead of the first.
        """
        old_texts = {self.old[index][:2] for index in self.old_left}
        new_texts = {self.new[index][:2] for index in self.new_left}
        old_paths, new_paths = {path for path, _ in old_texts}, {path for path, _ in new_texts}
        repeated: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
        for pair in self.kept:
            place = self.old[pair[0]]
            key = place[:2]
            # One of the equal lines is unpaired, and another line of the file is unpaired on the
            # other side of the commit.
            left_over = (key in old_texts and place.path in new_paths) or (
                key in new_texts and place.path in old_paths
            )
            if left_over and self.new[pair[1]][:2] == key:
                repeated[key].append(pair)
        for (path, text), pairs in repeated.items():
            index = self._hunk_index(self.old[pairs[0][0]].blob, self.new[pairs[0][1]].blob)
            if index is None:
                continue
            self.kept = [pair for pair in self.kept if pair not in set(pairs)]
            self.old_left = sorted([*self.old_left, *(old for old, _ in pairs)])
            self.new_left = sorted([*self.new_left, *(new for _, new in pairs)])
            new_lines = {
                self.new[new].line: new
                for new in self.new_left
                if self.new[new][:2] == (path, text)
            }
            unchanged = [
                (old, new_lines.pop(line))
                for old in self.old_left
                if self.old[old][:2] == (path, text)
                and (line := index.unchanged(self.old[old].line)) in new_lines
            ]
            self.take(unchanged)
            rest = [old for old in self.old_left if self.old[old][:2] == (path, text)]
            self.take(list(zip(rest, sorted(new_lines.values()), strict=False)))

    def _edits_in_hunks(
        self, old_places: Sequence[int], new_places: Sequence[int]
    ) -> Iterator[tuple[int, int]]:
        index = self._hunk_index(self.old[old_places[0]].blob, self.new[new_places[0]].blob)
        if index is None:
            return
        old_by_hunk: dict[int | None, list[int]] = defaultdict(list)
        new_by_hunk: dict[int | None, list[int]] = defaultdict(list)
        for place in old_places:
            old_by_hunk[index.of_old((self.old[place].line or 1) - 1)].append(place)
        for place in new_places:
            new_by_hunk[index.of_new((self.new[place].line or 1) - 1)].append(place)
        for hunk, members in old_by_hunk.items():
            if hunk is not None and hunk in new_by_hunk:
                yield from self._aligned(members, new_by_hunk[hunk])

    def _pair_edits_across_hunks(self) -> None:
        """Pair the remaining places with similar lines in the same file, most similar first.

        The file may have been renamed or split.
        """
        if not self.is_open_on_both_sides:
            return
        ranked = []
        for old_places, new_places in self._pairs_of_files():
            if len(old_places) * len(new_places) > _COMPARISONS:
                continue
            ranked += [
                (-likeness, before, after)
                for before in old_places
                for after in new_places
                if (likeness := similarity(self.old[before].text, self.new[after].text)) >= SIMILAR
            ]
        taken_old: set[int] = set()
        taken_new: set[int] = set()
        pairs = []
        for _, before, after in sorted(ranked):
            if before not in taken_old and after not in taken_new:
                taken_old.add(before)
                taken_new.add(after)
                pairs.append((before, after))
        self.take(pairs)

    def _pairs_of_files(self) -> Iterator[tuple[list[int], list[int]]]:
        """Yield the remaining places at the old path and at the new path, for each new path."""
        origins = self.origins()
        old_by_path: dict[str, list[int]] = defaultdict(list)
        new_by_path: dict[str, list[int]] = defaultdict(list)
        for index in self.old_left:
            old_by_path[self.old[index].path].append(index)
        for index in self.new_left:
            new_by_path[self.new[index].path].append(index)
        # Pair places that stayed in their file before places in files that were split off.
        for path in sorted(new_by_path, key=lambda path: (self.files.is_added(path), path)):
            new_places = new_by_path[path]
            origin = origins.get(path) if self.files.is_added(path) else path
            old_places = old_by_path.get(origin, []) if origin is not None else []
            if old_places:
                yield old_places, new_places

    def _hunk_index(self, old_blob: str, new_blob: str) -> HunkIndex | None:
        old_lines, new_lines = self.files.lines(old_blob), self.files.lines(new_blob)
        if old_lines is None or new_lines is None:
            return None
        return HunkIndex(hunks(old_lines, new_lines))

    def _aligned(self, old: Sequence[int], new: Sequence[int]) -> list[tuple[int, int]]:
        """Pair places in a hunk in order: as many as possible, with the most similar lines."""
        if len(old) == len(new) or len(old) * len(new) > _COMPARISONS:
            return list(zip(old, new, strict=False))
        return self._most_similar(old, new)

    def _most_similar(self, old: Sequence[int], new: Sequence[int]) -> list[tuple[int, int]]:
        """Pair all places of the shorter side, in order, with the greatest total similarity."""
        short, long = (old, new) if len(old) <= len(new) else (new, old)
        spare = len(long) - len(short)
        # best[i][j] is the greatest total similarity when the first i places of the shorter side
        # are paired with some of the first i + j places of the longer side.
        best = [[0.0] * (spare + 1)]
        for row, short_index in enumerate(short):
            current: list[float] = []
            for skipped in range(spare + 1):
                pair = short_index, long[row + skipped]
                before, after = pair if short is old else pair[::-1]
                likeness = similarity(self.old[before].text, self.new[after].text)
                paired = best[row][skipped] + likeness
                current.append(max(paired, current[-1]) if skipped else paired)
            best.append(current)
        pairs = []
        skipped = spare
        for row in range(len(short) - 1, -1, -1):
            while skipped and best[row + 1][skipped] == best[row + 1][skipped - 1]:
                skipped -= 1
            pair = short[row], long[row + skipped]
            pairs.append(pair if short is old else pair[::-1])
        return pairs[::-1]


def _blobs(places: Iterable[Place]) -> dict[str, str]:
    return {place.path: place.blob for place in places}
