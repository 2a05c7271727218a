"""Count files at the tip that rules select but do not search because they are binary.

`Findings` contains the binary files that the current walk has read. The store contains the binary
files from earlier walks, as of the last commit of each walk.
"""

from __future__ import annotations

from collections import Counter

from headway.git.objects import TooLargeError, UnreadableObjectError, read_texts
from headway.scan.findings import Findings
from headway.scan.walk_route import WalkRoute


class BinaryFiles:
    """The binary files that the content rules of one walk select."""

    def __init__(self, route: WalkRoute, findings: Findings) -> None:
        self._route = route
        self._findings = findings
        cursor = route.job.owner_cursor
        self._are_known = all(
            rule.track.cursor is not None
            and cursor is not None
            and rule.track.cursor.commit == cursor.commit
            and cursor.attributes is not None
            for rule in route.history_rules
            if rule.continues
        )
        """Whether the store has the binary files for all rules that continue an earlier walk."""
        reached = route.chain.index_of.get(cursor.commit) if cursor is not None else None
        self._joins_after = (
            reached
            if reached is not None and (route.start is None or reached >= route.start)
            else None
        )
        """The index of the commit for which the store contains the binary files. None after these
        files have been added, or if they cannot be used.
        """

    def reach(self, index: int) -> None:
        """Add the stored files, before the walk processes the commit with this index."""
        if self._joins_after is not None and index > self._joins_after:
            self._findings.binary_paths |= self._route.job.binary_files
            self._joins_after = None

    def at_tip(self) -> tuple[str, ...]:
        """Return the sorted paths of the binary files at the tip."""
        self.reach(len(self._route.chain.commits))
        if not self._are_known:
            self._read_tip()
        return tuple(sorted(self._findings.binary_paths))

    def by_rule(self) -> Counter[int]:
        """Return the number of binary files that each content rule selects, by rule index."""
        matcher = self._route.matcher
        counts: Counter[int] = Counter()
        for path in self.at_tip():
            admitted = matcher.admitted(path) & matcher.content
            counts.update(rule.index for rule in self._route.rules if admitted >> rule.index & 1)
        return counts

    def _read_tip(self) -> None:
        """Read all files that content rules select, because some have not been checked yet.

        If a file is unreadable or too large, no paths are added.
        """
        route, matcher = self._route, self._route.matcher
        files = [
            file
            for file in route.tree(len(route.chain.commits) - 1).files(matcher.keep)
            if matcher.admitted(file.path) & matcher.content
        ]
        blobs = list(dict.fromkeys(file.new for file in files if file.new is not None))
        limit = route.job.limits.max_text_bytes
        try:
            contents = read_texts(route.job.git_dir, blobs, max_bytes=limit)
            binary = {blob for blob, text in contents if text is None}
        except (TooLargeError, UnreadableObjectError):
            return
        self._findings.binary_paths |= {file.path for file in files if file.new in binary}
        self._are_known = True
