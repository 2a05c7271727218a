"""Extract facts from files for project scanners.

Rules with the same scanner and file patterns share the facts.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

from headway.git.objects import BlobReader, UnreadError
from headway.model.limits import Limits
from headway.progress.gaps import Unread, UnreadKind
from headway.scan.bound_rule import BoundRule, failure_text
from headway.scan.isolation import Failure
from headway.scan.matching import Matcher
from headway.scan.unread_files import Explain, unread_after, unread_of
from headway.scanner import ProjectScanner
from headway.workers.active_rule import share_content

_KEPT_BYTES = 16_000_000
"""The maximum total size of the files whose facts are cached, in bytes."""
_KEPT_FILES = 10_000


_Key = tuple[str, tuple[str, ...], str, str]
"""The scanner, the patterns of the files that its rules read, a path and a blob ID."""


class PackedFacts(NamedTuple):
    """Facts that a scanner returned in a separate process. Only such a process unpacks them."""

    pickled: bytes


class FactsReader:
    """Reads files for project scanners. Recently read files are not read again."""

    def __init__(
        self,
        matcher: Matcher,
        blobs: BlobReader,
        limits: Limits,
        explain: Explain,
        crashed: Mapping[str, Mapping[int, Unread]],
    ) -> None:
        """Prepare to read files.

        Args:
            matcher: The rules.
            blobs: Reads the contents of files.
            limits: The limits of the scan.
            explain: Explains why git cannot read a blob. If `explain` is None, the error is raised.
            crashed: Maps a blob ID to the rules whose scanners must not receive that content.
        """
        self.blobs_read = 0
        self._matcher = matcher
        self._blobs = blobs
        self._limits = limits
        self._explain = explain
        self._crashed = crashed
        self._recent: OrderedDict[_Key, tuple[object, int]] = OrderedDict()
        """Maps each recently read version of a file to its facts and its size."""
        self._recent_bytes = 0

    def read(self, index: int, path: str, blob: str) -> object:
        """Return the facts in one version of a file, or an `Unread`.

        Args:
            index: The index of one of the rules that share the facts.
            path: The path of the file.
            blob: The blob ID of its content.
        """
        bound = self._matcher.rules[index]
        scanner = bound.scanner
        assert isinstance(scanner, ProjectScanner)
        name = bound.rule.scanner
        key = name, self._matcher.files[index], path if scanner.path_matters else "", blob
        if key in self._recent:
            self._recent.move_to_end(key)
            return self._recent[key][0]
        facts, size = self._why_crashed(name, blob), 0
        if facts is None:
            self.blobs_read += 1
            facts, size = self._read(index, bound, path, blob)
        self._recent[key] = facts, size
        self._recent_bytes += size
        while self._recent_bytes > _KEPT_BYTES or len(self._recent) > _KEPT_FILES:
            _, (_, forgotten) = self._recent.popitem(last=False)
            self._recent_bytes -= forgotten
        return facts

    def _why_crashed(self, scanner: str, blob: str) -> object:
        """Return the reason why a scanner must not receive a blob, or None if it may."""
        for index, why in self._crashed.get(blob, {}).items():
            if self._matcher.rules[index].rule.scanner == scanner:
                return why
        return None

    def _read(self, index: int, bound: BoundRule, path: str, blob: str) -> tuple[object, int]:
        """Return the facts in a file, or an `Unread`, and the size of the file."""
        try:
            content = self._blobs.read_text(blob)
        except UnreadError as error:
            return unread_of(error, blob, self._explain), 0
        if content is None:
            return Unread("failed", "the file is binary", blob), 0
        if not self._matcher.together:
            share_content(blob)
        isolated = self._matcher.isolation is not None and bound.foreign
        ask = partial(_ask, bound, path, content, isolated)
        facts = self._matcher.call_scanner(index, ask)
        if isinstance(facts, Failure):
            return unread_after(facts, blob, self._limits), len(content)
        return facts, len(content)


def _ask(bound: BoundRule, path: str, content: bytes, isolated: bool) -> object:
    """Run the scanner, and return any error as a failure."""
    assert isinstance(bound.scanner, ProjectScanner)
    try:
        facts = bound.scanner.read(bound.options, path, content)
        return PackedFacts(pickle.dumps(facts)) if isolated else facts
    except Exception as error:  # noqa: BLE001 - a plugin may raise anything
        kind: UnreadKind = "crashed" if isinstance(error, MemoryError) else "failed"
        return Failure(kind, failure_text(bound, error))
