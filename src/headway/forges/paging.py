"""Read a listing page by page, and decide whether it is complete.

Forges lose entries silently: a repository that is deleted during the listing moves all later ones
forward by one place, a page can be empty, or its next page can be itself. So a listing is complete
only in two cases: every page states the same total, and that many different repositories were
found; or no total is stated, and a second pass finds the same repositories.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from headway.forges.forge_errors import ForgeTrouble
from headway.model.repository import Listing, Repository, Unlisted

_MOST_PASSES = 3


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing."""

    repositories: tuple[Repository, ...]
    unlisted: tuple[Unlisted, ...] = ()
    total: int | None = None
    """How many repositories all pages have, as the forge states it; None if it does not."""
    after: str | None = None
    """The cursor or number of the next page; None if this is the last one."""
    problems: tuple[str, ...] = ()
    """Why entries may be missing, one phrase each."""


@dataclass(frozen=True, slots=True)
class Found:
    """All pages together, by key. Without problems, none can be missing."""

    repositories: dict[str, Repository]
    unlisted: dict[str, Unlisted]
    problems: tuple[str, ...] = ()
    """Why entries may be missing, one phrase each."""

    def to_listing(self, source: str) -> Listing:
        """The listing of the source with this id; complete if there is no problem."""
        return Listing(
            source=source,
            repositories=tuple(sorted(self.repositories.values(), key=lambda entry: entry.name)),
            complete=not self.problems,
            problems=tuple(f"{source}: {problem}" for problem in self.problems),
            unlisted=tuple(sorted(self.unlisted.values(), key=lambda entry: entry.name)),
        )


@dataclass(slots=True)
class _Pass:
    """One pass over all pages."""

    keys: set[str] = field(default_factory=set)
    totals: set[int | None] = field(default_factory=set)
    """The different totals that the pages state."""
    problems: dict[str, None] = field(default_factory=dict)
    """A set that keeps its order."""
    broken: bool = False
    """Whether the pass ended early."""

    @property
    def total(self) -> int | None:
        return next(iter(self.totals)) if len(self.totals) == 1 else None


def read_pages(read_page: Callable[[str | None], Page], *, stable: bool) -> Found:
    """Read all pages, and repeat that until the result is certain.

    Args:
        read_page: Reads one page, given the `after` of the page before it, or None.
        stable: Whether a deletion during the listing hides no other repository. That is so for
            cursors, but not for numbered pages, which need two passes that find the same.
    """
    found = Found({}, {})
    previous: set[str] | None = None
    for _ in range(_MOST_PASSES):
        current = _read_once(read_page, found)
        if current.broken or current.problems:
            return Found(found.repositories, found.unlisted, tuple(current.problems))
        total = current.total
        agrees = total == len(current.keys)
        if agrees and (stable or current.keys == previous):
            return _only(found, current.keys)
        if current.totals == {None} and current.keys == previous:
            return _only(found, current.keys)
        if total is not None and not agrees and current.keys == previous:
            problem = f"the forge counts {total:,} repositories and lists {len(current.keys):,}"
            return Found(found.repositories, found.unlisted, (problem,))
        previous = current.keys
    problem = f"the listing changed while it was read, {_MOST_PASSES} times in a row"
    return Found(found.repositories, found.unlisted, (problem,))


def _read_once(read_page: Callable[[str | None], Page], found: Found) -> _Pass:
    """Read all pages once and add their entries to `found`."""
    current = _Pass()
    after: str | None = None
    seen: set[str] = set()
    while True:
        try:
            page = read_page(after)
        except ForgeTrouble as trouble:
            current.problems[str(trouble)] = None
            current.broken = True
            return current
        found.repositories.update((entry.key, entry) for entry in page.repositories)
        found.unlisted.update((entry.key, entry) for entry in page.unlisted)
        keys = {repository.key for repository in page.repositories}
        keys |= {entry.key for entry in page.unlisted}
        repeats = bool(keys) and keys <= current.keys
        current.keys |= keys
        current.totals.add(page.total)
        current.problems.update(dict.fromkeys(page.problems))
        if page.after is None:
            return current
        if repeats:
            current.problems["a page of the listing only repeats earlier pages"] = None
            return current
        if page.after in seen:
            current.problems["a page of the listing points back to an earlier page"] = None
            return current
        seen.add(page.after)
        after = page.after


def _only(found: Found, keys: set[str]) -> Found:
    """Drop what only an earlier pass found: it was deleted between the passes."""
    return Found(
        {key: entry for key, entry in found.repositories.items() if key in keys},
        {key: entry for key, entry in found.unlisted.items() if key in keys},
    )
