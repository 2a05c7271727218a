"""The blobs that a walk must read, and the paths at which each blob is matched."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from headway.git.history import Change, Step
from headway.scan.matching import RuleSet

ANYWHERE = ""
"""Replaces the path for rules whose matches do not depend on the path."""

Place = tuple[str, str]
"""A blob ID, and the path at which the blob was matched, or `ANYWHERE`."""

_Entry = TypeVar("_Entry")


@dataclass(slots=True)
class Reading:
    """A blob to read and match."""

    path: str
    """The first path at which the blob occurs."""
    places: dict[str, RuleSet] = field(default_factory=dict)
    """Maps each path at which the blob is matched, or `ANYWHERE`, to the rules to match."""


Work = dict[str, Reading]
"""The blobs to read, by ID, in the order in which commits introduced them."""


def halves(entries: Sequence[_Entry]) -> list[Sequence[_Entry]]:
    middle = len(entries) // 2
    return [entries[:middle], entries[middle:]]


def only_versions(blobs: Sequence[str], work: Mapping[str, Reading]) -> Iterator[bool]:
    """Yield for each blob whether it is the only one at its path. Blobs are sorted by path."""
    paths = [work[blob].path for blob in blobs]
    for before, path, after in zip([None, *paths], paths, [*paths[1:], None], strict=False):
        yield path not in (before, after)


def windows_of_changes(changes: Iterable[Change], size: int) -> Iterator[list[Change]]:
    """Yield groups of at most `size` changes."""
    remaining = iter(changes)
    while window := list(islice(remaining, size)):
        yield window


def windows_of_steps(
    steps: Iterable[Step], size: Callable[[], int], *, alone: Callable[[Step], bool]
) -> Iterator[list[Step]]:
    """Yield groups of consecutive commits that together change about `size()` files.

    A commit for which `alone` returns True forms its own group. The next commit is read only after
    the caller has finished with that group.
    """
    window: list[Step] = []
    held = limit = 0
    for step in steps:
        if alone(step):
            if window:
                yield window
                window, held = [], 0
            yield [step]
            continue
        limit = limit if window else size()
        window.append(step)
        held += len(step.changes)
        if held >= limit:
            yield window
            window, held = [], 0
    if window:
        yield window
