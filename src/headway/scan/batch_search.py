"""Search many small files in one call to a scanner.

Calling a scanner takes longer than searching a small file. For rules that match each line
separately, several files are therefore joined and searched together. The line number of a match
then identifies its file.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate

from headway.progress.opening import Spot
from headway.scan.matching import Hits, Matcher, RuleSet, is_utf8

_BATCH_BYTES = 1 << 16
"""The number of bytes to search together. With smaller batches, most of the time would be spent on
calls to the scanner. With larger batches, more rules would match in each batch, and the scanner
searches the whole batch once more for each of these rules.
"""

Key = tuple[str, str]
RuleHits = tuple[int, tuple[Spot, ...]]


class BatchSearch:
    """Collects small files, searches them together, and reports the matches of each file.

    If a rule fails on the joined files, the rule searches them one by one. The callback must then
    read the errors in each file from the matcher.
    """

    def __init__(self, matcher: Matcher, found: Callable[[Key, RuleSet, Hits], None]) -> None:
        self._matcher = matcher
        self._found = found
        self._rules: RuleSet = 0
        self._keys: list[Key] = []
        self._contents: list[bytes] = []
        self._bytes = 0

    def take(self, key: Key, rules: RuleSet, content: bytes) -> bool:
        """Add a file to the batch. Return False if the file must be searched separately."""
        if rules & ~self._matcher.by_line or len(content) >= _BATCH_BYTES or not is_utf8(content):
            return False
        if rules != self._rules or self._bytes + len(content) > _BATCH_BYTES:
            self.search()
            self._rules = rules
        self._keys.append(key)
        # A last line without a line ending must not be joined with the next file's first line.
        self._contents.append(content if content.endswith(b"\n") else content + b"\n")
        self._bytes += len(content)
        return True

    def search(self) -> None:
        """Search the files that were added since the last search."""
        keys, contents = self._keys, self._contents
        self._keys, self._contents, self._bytes = [], [], 0
        if keys:
            hits = self._matcher.find(self._rules, "", b"".join(contents))
            failed = self._matcher.rule_set(self._matcher.take_errors())
            by_file = _by_file(contents, hits) if hits else {}
            for file, key in enumerate(keys):
                found = tuple(by_file.get(file, ()))
                if failed:
                    found += self._matcher.find(failed, "", contents[file])
                self._found(key, self._rules, found)


def _by_file(contents: Sequence[bytes], hits: Hits) -> Mapping[int, list[RuleHits]]:
    """Map the position of each file to its matches, with line numbers relative to that file."""
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
