"""Reading a listing page by page, and telling whether anything can be missing from it.

Forges lose entries silently: a repository deleted while it is listed moves all later ones one
place forward, a page can come back empty, or point at itself. So a listing counts as complete only
when every page states the same total and as many different repositories were found, or, where no
total is stated, when a second pass finds the same ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from headway.forges.forge_errors import ForgeTrouble
from headway.model.repository import Listing, Repository, Unlisted

_PASSES = 3


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing.

    total: how many repositories the forge says there are over all pages, or None. after: what to
    ask for the next page with, or None when this is the last. problems: why this page may lack
    something, a phrase each.
    """

    repositories: tuple[Repository, ...]
    unlisted: tuple[Unlisted, ...] = ()
    total: int | None = None
    after: str | None = None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What all pages gave together, by key; without problems nothing can be missing."""

    repositories: dict[str, Repository]
    unlisted: dict[str, Unlisted]
    problems: tuple[str, ...] = ()

    def to_listing(self, source: str) -> Listing:
        """A listing of the source with this id; complete if there is no problem."""
        return Listing(
            source=source,
            repositories=tuple(sorted(self.repositories.values(), key=lambda entry: entry.name)),
            complete=not self.problems,
            problems=tuple(f"{source}: {problem}" for problem in self.problems),
            unlisted=tuple(sorted(self.unlisted.values(), key=lambda entry: entry.name)),
        )


@dataclass(slots=True)
class _Pass:
    keys: set[str] = field(default_factory=set)
    totals: set[int | None] = field(default_factory=set)
    problems: dict[str, None] = field(default_factory=dict)
    broken: bool = False

    @property
    def total(self) -> int | None:
        return next(iter(self.totals)) if len(self.totals) == 1 else None


def read_pages(ask: Callable[[str | None], Page], *, stable: bool) -> Found:
    """All pages, from the first (`None`) to the last, as often as it takes to be sure.

    stable: whether a deletion during the listing cannot hide another repository, as with cursors;
    with numbered pages it can, and then only two passes that find the same are believed.
    """
    found = Found({}, {})
    before: set[str] | None = None
    for _ in range(_PASSES):
        current = _read_once(ask, found)
        if current.broken or current.problems:
            return Found(found.repositories, found.unlisted, tuple(current.problems))
        total = current.total
        agrees = total == len(current.keys)
        if agrees and (stable or current.keys == before):
            return _only(found, current.keys)
        if current.totals == {None} and current.keys == before:
            return _only(found, current.keys)
        if total is not None and not agrees and current.keys == before:
            problem = f"the forge counts {total} repositories and shows {len(current.keys)}"
            return Found(found.repositories, found.unlisted, (problem,))
        before = current.keys
    problem = f"the listing changed while it was read, {_PASSES} times over"
    return Found(found.repositories, found.unlisted, (problem,))


def _read_once(ask: Callable[[str | None], Page], found: Found) -> _Pass:
    current = _Pass()
    after: str | None = None
    asked: set[str] = set()
    while True:
        try:
            page = ask(after)
        except ForgeTrouble as trouble:
            current.problems[str(trouble)] = None
            current.broken = True
            return current
        found.repositories.update((entry.key, entry) for entry in page.repositories)
        found.unlisted.update((entry.key, entry) for entry in page.unlisted)
        keys = {it.key for it in page.repositories} | {it.key for it in page.unlisted}
        repeats = bool(keys) and keys <= current.keys
        current.keys |= keys
        current.totals.add(page.total)
        current.problems.update(dict.fromkeys(page.problems))
        if page.after is None:
            return current
        if repeats:
            current.problems["a page of the listing only repeats earlier ones"] = None
            return current
        if page.after in asked:
            current.problems["a page of the listing points back at an earlier one"] = None
            return current
        asked.add(page.after)
        after = page.after


def _only(found: Found, keys: set[str]) -> Found:
    """Without what only an earlier pass saw: it was deleted in between."""
    return Found(
        {key: entry for key, entry in found.repositories.items() if key in keys},
        {key: entry for key, entry in found.unlisted.items() if key in keys},
    )
