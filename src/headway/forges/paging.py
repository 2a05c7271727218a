"""Read a listing page by page, and decide whether it is complete.

Forges can omit entries silently. If a repository is deleted during the listing, all later
repositories move forward by one position. A page can also be empty or name itself as the next page.

A listing is therefore complete only in two cases. In the first case, every page states the same
total, and this number of different repositories was found. In the second case, no page states a
total, and a second pass finds the same repositories. If a page announces a next page that is empty,
the listing is incomplete.

GitLab also counts repositories that are hidden from the token, but omits them from the pages. Such
a listing is complete if a second pass and another listing method find the same repositories.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from headway.forges.forge_errors import ForgeTrouble
from headway.model.repository import Listing, Repository, Unlisted

_MOST_PASSES = 3
_EMPTY_PAGE = "a page that the forge announced is missing or empty"


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing."""

    repositories: tuple[Repository, ...]
    unlisted: tuple[Unlisted, ...] = ()
    total: int | None = None
    """The total number of repositories, or None if the forge does not report it."""
    after: str | None = None
    """The cursor or number of the next page, or None if this is the last page."""
    announced: int = 0
    """The minimum number of entries that the forge announces for later pages.

    If the forge names a next page, at least one entry follows. If `after` is only a guess, the
    number is 0.
    """
    problems: tuple[str, ...] = ()
    """The reasons why entries may be missing, as phrases."""


@dataclass(frozen=True, slots=True)
class Found:
    """The entries of all pages, by key. If `problems` is empty, no entry is missing."""

    repositories: dict[str, Repository]
    unlisted: dict[str, Unlisted]
    problems: tuple[str, ...] = ()
    """The reasons why entries may be missing, as phrases."""
    hidden: int = 0
    """The number of entries that the forge counts but does not show to this token."""

    def to_listing(self, source: str) -> Listing:
        """Return the listing of this source. It is complete if no problems were found."""
        return Listing(
            source=source,
            repositories=tuple(sorted(self.repositories.values(), key=lambda entry: entry.name)),
            complete=not self.problems,
            problems=tuple(f"{source}: {problem}" for problem in self.problems),
            unlisted=tuple(sorted(self.unlisted.values(), key=lambda entry: entry.name)),
            hidden=self.hidden,
        )


@dataclass(slots=True)
class _Pass:
    """One pass over all pages."""

    keys: set[str] = field(default_factory=set)
    totals: set[int | None] = field(default_factory=set)
    """All distinct totals that the pages stated."""
    problems: dict[str, None] = field(default_factory=dict)
    """The problems in order and without duplicates, stored as keys."""
    announced: int = 0
    """The minimum number of different entries that the pages announced."""
    lacks_page: bool = False
    """Whether a page was empty although the previous page announced it."""
    broken: bool = False
    """Whether the pass ended early."""

    @property
    def is_short(self) -> bool:
        """Return whether the pages contained fewer entries than the forge announced."""
        return self.lacks_page or len(self.keys) < self.announced

    @property
    def expected(self) -> int:
        """The minimum number of entries, according to the totals and the announced pages."""
        lost_page = len(self.keys) + 1 if self.lacks_page else 0
        return max(self.total or 0, self.announced, lost_page)

    @property
    def total(self) -> int | None:
        return next(iter(self.totals)) if len(self.totals) == 1 else None


def read_pages(
    read_page: Callable[[str | None], Page],
    *,
    stable: bool,
    confirm: Callable[[frozenset[str]], bool] | None = None,
) -> Found:
    """Read all pages, and repeat up to `_MOST_PASSES` times until the result is certain.

    Args:
        read_page: Reads one page, given the `after` of the previous page, or None for the first
            page.
        stable: Whether the pages contain all other repositories even if some are deleted during the
            listing. This is true of pages with cursors. Numbered pages need two passes with the
            same result.
        confirm: Returns whether another listing method finds exactly these keys. If it does, all
            further entries that the forge counts are hidden from this token. None means that the
            forge does not count hidden entries.
    """
    found = Found({}, {})
    previous: set[str] | None = None
    for _ in range(_MOST_PASSES):
        current = _read_once(read_page, found)
        if current.broken or current.problems:
            return Found(found.repositories, found.unlisted, tuple(current.problems))
        total = current.total
        agrees = total == len(current.keys)
        if not current.is_short and agrees and (stable or current.keys == previous):
            return _only(found, current.keys)
        if not current.is_short and current.totals == {None} and current.keys == previous:
            return _only(found, current.keys)
        hidden = current.expected - len(current.keys)
        is_stable = hidden > 0 and current.keys == previous
        if is_stable and confirm is not None and confirm(frozenset(current.keys)):
            return replace(_only(found, current.keys), hidden=hidden)
        if total is not None and not agrees and current.keys == previous:
            problem = f"the forge counts {total:,} repositories, but lists {len(current.keys):,}"
            return Found(found.repositories, found.unlisted, (problem,))
        if current.is_short and current.keys == previous:
            return Found(found.repositories, found.unlisted, (_EMPTY_PAGE,))
        previous = current.keys
    problem = f"the listing changed during each of {_MOST_PASSES} attempts to read it"
    return Found(found.repositories, found.unlisted, (problem,))


def _read_once(read_page: Callable[[str | None], Page], found: Found) -> _Pass:
    """Read all pages once and add their entries to `found`."""
    current = _Pass()
    after: str | None = None
    seen: set[str] = set()
    promised = False
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
        current.lacks_page |= promised and not keys
        promised = page.announced > 0
        repeats = bool(keys) and keys <= current.keys
        current.keys |= keys
        current.announced = max(current.announced, len(current.keys) + page.announced)
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
    """Remove entries that only an earlier pass found, because they have since been deleted."""
    return Found(
        {key: entry for key, entry in found.repositories.items() if key in keys},
        {key: entry for key, entry in found.unlisted.items() if key in keys},
    )
