"""Find the old files from which a commit's new files were renamed or split."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from headway.progress.places import CommitFiles
from headway.progress.similarity import line_set, resemblance, shared

MOSTLY_SHARED = 0.5
"""The minimum share of a new file's lines that its old file contains."""
_COMPARISONS = 10_000
"""The maximum number of pairs of an old and a new file. With more pairs, only files with the same
name are compared.
"""


def file_origins(
    files: CommitFiles, old: Mapping[str, str], new: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Yield (new path, old path) for each new path that shares enough lines with an old path.

    The old path with the most similar content is chosen. If several are equally similar, the path
    with the same file name is chosen, or else the alphabetically first path.
    """
    sets: dict[str, frozenset[bytes] | None] = {}

    def lines_of(blob: str) -> frozenset[bytes] | None:
        if blob not in sets:
            lines = files.lines(blob)
            sets[blob] = None if lines is None else line_set(lines)
        return sets[blob]

    for path, blob in new.items():
        name = path.rpartition("/")[2]
        candidates: Collection[str] = old
        if len(old) * len(new) > _COMPARISONS:
            candidates = [other for other in old if other.rpartition("/")[2] == name]
        lines = lines_of(blob) if candidates else None
        if not lines:
            continue
        ranked = [
            (-resemblance(old_lines, lines), other.rpartition("/")[2] != name, other)
            for other in candidates
            if other != path
            and (old_lines := lines_of(old[other]))
            and shared(old_lines, lines) >= MOSTLY_SHARED
        ]
        if ranked:
            yield path, min(ranked)[2]
