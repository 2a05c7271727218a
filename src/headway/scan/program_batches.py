"""Search several files in one run of a program, for scanners that start programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial

from headway.git.objects import UnreadError
from headway.scan.blobs_to_read import ANYWHERE, Work
from headway.scan.matching import Matcher, RuleSet
from headway.scanner import PreparedFinder

_MOST_FILES = 100
_MOST_BYTES = 4_000_000

_Read = tuple[str, bytes | UnreadError | None]
"""The ID and content of a blob, as returned by `read_each_text`."""


def in_batches(matcher: Matcher, contents: Iterable[_Read], work: Work) -> Iterator[_Read]:
    """Yield contents unchanged, after scanners have searched groups of them.

    Args:
        matcher: The rules.
        contents: The contents of the blobs in `work`.
        work: The rules to match against each blob.
    """
    if not matcher.starting_programs:
        yield from contents
        return
    group: list[_Read] = []
    size = 0
    for blob, content in contents:
        group.append((blob, content))
        size += len(content) if isinstance(content, bytes) else 0
        if len(group) >= _MOST_FILES or size >= _MOST_BYTES:
            _prepare(matcher, group, work)
            yield from group
            group, size = [], 0
    _prepare(matcher, group, work)
    yield from group


def _prepare(matcher: Matcher, group: Iterable[_Read], work: Work) -> None:
    by_rules: dict[RuleSet, list[tuple[str, bytes]]] = {}
    for blob, content in group:
        if not isinstance(content, bytes) or not content:
            continue
        for place, wanted in work[blob].places.items():
            rules = wanted & matcher.starting_programs
            if rules:
                path = work[blob].path if place == ANYWHERE else place
                by_rules.setdefault(rules, []).append((path, content))
    for rules, files in by_rules.items():
        for scanner, indices in matcher.calls_for(rules):
            matcher.call_scanner(
                indices[0], partial(_prepare_one, matcher, scanner, indices, files)
            )


def _prepare_one(
    matcher: Matcher, scanner: str, indices: tuple[int, ...], files: list[tuple[str, bytes]]
) -> None:
    # A failure occurs again when the scanner is called for the single file, and is reported there.
    with suppress(Exception):
        finder = matcher.finder(scanner, indices)
        if isinstance(finder, PreparedFinder):
            finder.prepare(files)
