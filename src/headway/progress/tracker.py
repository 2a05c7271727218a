"""Items of one rule in one repository, followed commit by commit."""

from __future__ import annotations

import hashlib
from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from headway.progress.identity import FILES, LINES, Place, pair


class Spot(NamedTuple):
    """A match as the engine keeps it: what its file's content says, without the path.

    text: the matched line with white space folded, cut and hashed when very long.
    line, column: 1-based, or None for the whole file. excerpt: what to show of it.
    captures: (name, value), sorted.
    """

    text: str
    line: int | None
    column: int | None
    excerpt: str
    captures: tuple[tuple[str, str], ...] = ()


class Found(NamedTuple):
    """What one version of one file holds for one rule; `spots` in order of position."""

    blob: str
    spots: tuple[Spot, ...]


class Landing(NamedTuple):
    """A commit as the tracker needs it.

    landed_at: seconds since 1970 UTC. day: the UTC day that it counts to; earlier than
    `landed_at` when the commit claims to come from after the scan that saw it.
    """

    commit: str
    landed_at: int
    day: date
    author: str


@dataclass(slots=True)
class Opening:
    """One item and one of the times that it was open.

    item: the same for every opening of an item. number: 1 for the first opening, 2 when it had
    been fixed once and came back. origin: the path at which the item first appeared; path, blob
    and spot are those of the last commit that had it. at_baseline: it was already there when the
    walk began, so it was opened at `opened_commit` or before. closed_*: None while it is open.
    opened_by: the author of `opened_commit`; None for the baseline's, who need not have done it,
    and where only the tip is looked at. moves: (day, path by the end of that day), oldest first;
    empty for one that never moved.
    """

    item: str
    number: int
    origin: str
    path: str
    blob: str
    spot: Spot
    opened_at: int
    opened_on: date
    opened_commit: str
    at_baseline: bool
    closed_at: int | None = None
    closed_on: date | None = None
    closed_commit: str | None = None
    closed_by: str | None = None
    moves: tuple[tuple[date, str], ...] = ()
    opened_by: str | None = None

    @property
    def place(self) -> Place:
        return Place(self.path, self.spot.text, self.blob)


class Tracker:
    """Follows the matches of one rule through the commits of one repository.

    namespace: what sets these items apart from all others (campaign, rule, repository key).
    whole_files: whether the rule finds files rather than lines in them.
    openings: everything known so far, to continue from; they are changed in place. count: how many
    openings there are.
    """

    def __init__(
        self,
        namespace: Sequence[str],
        *,
        whole_files: bool = False,
        openings: Iterable[Opening] = (),
    ) -> None:
        self._namespace = "\0".join(namespace)
        self._whole_files = whole_files
        self._keys = FILES if whole_files else LINES
        self._open: dict[str, list[Opening]] = defaultdict(list)
        self._fixed: dict[tuple[str, str], list[Opening]] = defaultdict(list)
        self._ordinals: Counter[tuple[str, str]] = Counter()
        self._touched: dict[tuple[str, int], Opening] = {}
        self.count = 0
        self._resume(openings)

    def has_open(self, path: str) -> bool:
        """Whether anything is open at `path`."""
        return path in self._open

    @property
    def open_paths(self) -> Mapping[str, object]:
        """The paths at which something is open."""
        return self._open

    @property
    def touched(self) -> list[Opening]:
        """Openings that are new or changed since this tracker was made."""
        return list(self._touched.values())

    def open_spots(self) -> list[tuple[str, int | None]]:
        """(path, line) of everything open, sorted."""
        return sorted(
            (
                (opening.path, opening.spot.line)
                for group in self._open.values()
                for opening in group
            ),
            key=lambda spot: (spot[0], spot[1] or 0),
        )

    def begin(self, landing: Landing, found: Mapping[str, Found]) -> None:
        """The commit at which the walk begins: what is there was opened at it or before."""
        for path in sorted(found):
            for spot in found[path].spots:
                self._appear(landing, path, found[path].blob, spot, at_baseline=True)

    def advance(self, landing: Landing, changed: Mapping[str, Found | None]) -> None:
        """One commit: what each path that it changed holds now; None where nothing is left."""
        paths = sorted(changed)
        old = [opening for path in paths for opening in self._open.get(path, ())]
        new = [
            (path, found.blob, spot)
            for path in paths
            if (found := changed[path]) is not None
            for spot in found.spots
        ]
        if not old and not new:
            return
        for path in paths:
            self._open.pop(path, None)
        pairing = pair(
            [opening.place for opening in old],
            [Place(path, spot.text, blob) for path, blob, spot in new],
            self._keys,
        )
        # closed after the births: what goes in this very commit cannot come back in it
        survivors = [(index, old[before]) for before, index in pairing.kept]
        for index, opening in survivors:
            self._keep(landing, opening, *new[index])
        births = [
            (index, self._appear(landing, *new[index], at_baseline=False, place=False))
            for index in pairing.come
        ]
        for _, opening in sorted(survivors + births, key=lambda entry: entry[0]):
            self._open[opening.path].append(opening)
        for index in pairing.gone:
            self._close(landing, old[index])

    def _resume(self, openings: Iterable[Opening]) -> None:
        latest: dict[str, Opening] = {}
        for opening in openings:
            self.count += 1
            known = latest.get(opening.item)
            if known is None:
                self._ordinals[self._origin(opening.origin, opening.spot.text)] += 1
            if known is None or opening.number > known.number:
                latest[opening.item] = opening
        for opening in latest.values():
            if opening.closed_at is None:
                self._open[opening.path].append(opening)
        for group in self._open.values():
            group.sort(key=_position)
        for opening in latest.values():
            if opening.closed_at is not None:
                self._remember_fixed(opening)

    def _keep(self, landing: Landing, opening: Opening, path: str, blob: str, spot: Spot) -> None:
        if opening.path != path:
            so_far = opening.moves or ((opening.opened_on, opening.path),)
            before = tuple(move for move in so_far if move[0] != landing.day)
            opening.moves = (*before, (landing.day, path))
        if (opening.path, opening.blob, opening.spot) != (path, blob, spot):
            opening.path, opening.blob, opening.spot = path, blob, spot
            self._touched[opening.item, opening.number] = opening

    def _appear(
        self,
        landing: Landing,
        path: str,
        blob: str,
        spot: Spot,
        *,
        at_baseline: bool,
        place: bool = True,
    ) -> Opening:
        fixed = self._fixed.get((path, spot.text))
        if fixed:
            before = fixed.pop()
            item, number, origin = before.item, before.number + 1, before.origin
        else:
            item, number, origin = self._name(path, spot.text), 1, path
        opening = Opening(
            item=item,
            number=number,
            origin=origin,
            path=path,
            blob=blob,
            spot=spot,
            opened_at=landing.landed_at,
            opened_on=landing.day,
            opened_commit=landing.commit,
            at_baseline=at_baseline,
            opened_by=None if at_baseline else landing.author or None,
        )
        self._touched[item, number] = opening
        self.count += 1
        if place:
            self._open[path].append(opening)
        return opening

    def _close(self, landing: Landing, opening: Opening) -> None:
        opening.closed_at = landing.landed_at
        opening.closed_on = landing.day
        opening.closed_commit = landing.commit
        opening.closed_by = landing.author or None
        self._remember_fixed(opening)
        self._touched[opening.item, opening.number] = opening

    def _remember_fixed(self, opening: Opening) -> None:
        """Sorted by values that are stored, so that it does not matter when this tracker began."""
        insort(self._fixed[opening.path, opening.spot.text], opening, key=_fixed_order)

    def _origin(self, path: str, text: str) -> tuple[str, str]:
        # a whole file's text is its present name, which a move may change
        return (path, "") if self._whole_files else (path, text)

    def _name(self, path: str, text: str) -> str:
        """Stable as long as the history is: the how-manieth item of this text at this path."""
        origin = self._origin(path, text)
        self._ordinals[origin] += 1
        content = "\0".join((self._namespace, *origin, str(self._ordinals[origin])))
        return hashlib.blake2b(content.encode(), digest_size=8).hexdigest()


def _position(opening: Opening) -> tuple[int, int, str]:
    return opening.spot.line or 0, opening.spot.column or 0, opening.spot.text


def _fixed_order(opening: Opening) -> tuple[int, str, int, int, str]:
    return (
        opening.closed_at or 0,
        opening.path,
        opening.spot.line or 0,
        opening.spot.column or 0,
        opening.item,
    )
