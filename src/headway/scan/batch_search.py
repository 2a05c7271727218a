"""Searches many small files in one call of the scanner.

Calling a scanner takes longer than searching a small file. Rules that look at each line alone can
search several files as one text, from which the matches are then assigned to the files by line.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate

from headway.progress.tracker import Spot
from headway.scan.matching import Hits, Matcher, RuleSet, is_utf8

_BATCH_BYTES = 1 << 16
"""Bytes that are searched together. With fewer, the calls dominate. With more, a batch holds more
matches, and the scanner searches the whole batch once more for each rule that has one."""

Key = tuple[str, str]
RuleHits = tuple[int, tuple[Spot, ...]]


class BatchSearch:
    """Collects small files and passes the matches of each to a callback."""

    def __init__(self, matcher: Matcher, found: Callable[[Key, RuleSet, Hits], None]) -> None:
        self._matcher = matcher
        self._found = found
        self._rules: RuleSet = 0
        self._keys: list[Key] = []
        self._contents: list[bytes] = []
        self._bytes = 0

    def take(self, key: Key, rules: RuleSet, content: bytes) -> bool:
        """Takes one file; returns False, and does nothing, if it must be searched by itself."""
        if rules & ~self._matcher.by_line or len(content) >= _BATCH_BYTES or not is_utf8(content):
            return False
        if rules != self._rules or self._bytes + len(content) > _BATCH_BYTES:
            self.search()
            self._rules = rules
        self._keys.append(key)
        # a last line without a line end must not continue in the next file
        self._contents.append(content if content.endswith(b"\n") else content + b"\n")
        self._bytes += len(content)
        return True

    def search(self) -> None:
        """Searches the files that were taken since the last search."""
        keys, contents = self._keys, self._contents
        self._keys, self._contents, self._bytes = [], [], 0
        if keys:
            hits = self._matcher.find(self._rules, "", b"".join(contents))
            by_file = _by_file(contents, hits) if hits else {}
            for file, key in enumerate(keys):
                self._found(key, self._rules, tuple(by_file.get(file, ())))


def _by_file(contents: Sequence[bytes], hits: Hits) -> Mapping[int, list[RuleHits]]:
    """Assigns each spot to its file by its line, and counts the line from the file's beginning."""
    first_lines = [0, *accumulate(content.count(b"\n") for content in contents)]
    found: dict[int, list[RuleHits]] = defaultdict(list)
    for index, spots in hits:
        by_file: dict[int, list[Spot]] = defaultdict(list)
        for text, line, column, excerpt, captures, exact in spots:
            assert line is not None
            file = bisect_right(first_lines, line - 1) - 1
            by_file[file].append(
                Spot(text, line - first_lines[file], column, excerpt, captures, exact)
            )
        for file, file_spots in by_file.items():
            found[file].append((index, tuple(file_spots)))
    return found
