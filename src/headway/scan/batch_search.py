"""Small files in one heap: rules that look at each line alone are asked for all of them at once.

To ask a scanner takes longer than to search a small file.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate

from headway.progress.tracker import Spot
from headway.scan.matching import Hits, Matcher, is_utf8

_ENOUGH = 1 << 16
"""Bytes that are searched together: fewer, and asking costs more; more, and every rule that finds
anything in them is asked once more where it finds nothing."""

Key = tuple[str, str]
RuleHits = tuple[int, tuple[Spot, ...]]


class BatchSearch:
    """What is found in the files that it takes, by which rules: told to `found` file by file."""

    def __init__(self, matcher: Matcher, found: Callable[[Key, int, Hits], None]) -> None:
        self._matcher = matcher
        self._found = found
        self._mask = 0
        self._keys: list[Key] = []
        self._contents: list[bytes] = []
        self._held = 0

    def take(self, key: Key, mask: int, content: bytes) -> bool:
        """False when it must be searched by itself: nothing is done with it then."""
        if mask & ~self._matcher.by_line or len(content) >= _ENOUGH or not is_utf8(content):
            return False
        if mask != self._mask or self._held + len(content) > _ENOUGH:
            self.search()
            self._mask = mask
        self._keys.append(key)
        # the last line of a file may lack its end, and must not go on in the next file
        self._contents.append(content if content.endswith(b"\n") else content + b"\n")
        self._held += len(content)
        return True

    def search(self) -> None:
        """Searches what was taken since the last time."""
        keys, contents = self._keys, self._contents
        self._keys, self._contents, self._held = [], [], 0
        if keys:
            hits = self._matcher.find(self._mask, "", b"".join(contents))
            by_file = _by_file(contents, hits) if hits else {}
            for file, key in enumerate(keys):
                self._found(key, self._mask, tuple(by_file.get(file, ())))


def _by_file(contents: Sequence[bytes], hits: Hits) -> Mapping[int, list[RuleHits]]:
    """Whose each spot is, told by its line, which is then counted from the file's beginning."""
    begins = [0, *accumulate(content.count(b"\n") for content in contents)]
    found: dict[int, list[RuleHits]] = defaultdict(list)
    for index, spots in hits:
        by_file: dict[int, list[Spot]] = defaultdict(list)
        for text, line, column, excerpt, captures in spots:
            assert line is not None
            file = bisect_right(begins, line - 1) - 1
            by_file[file].append(Spot(text, line - begins[file], column, excerpt, captures))
        for file, its_spots in by_file.items():
            found[file].append((index, tuple(its_spots)))
    return found
