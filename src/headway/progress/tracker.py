"""Track items by following the matches of one rule in one repository from commit to commit."""

from __future__ import annotations

import hashlib
from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from headway.model.movement import ClosedAs, OpenedAs
from headway.progress.identity import pair
from headway.progress.opening import Found, Landing, Opening, Spot, Version
from headway.progress.places import UNKNOWN_FILES, CommitFiles, Place


class Tracker:
    """Follows the matches of one rule through the commits of one repository.

    Args:
        namespace: The campaign, rule and repository key, which make item IDs unique.
        whole_files: Whether the rule matches whole files instead of lines.
        openings: All known openings. The tracker changes them in place.

    Attributes:
        count: The number of openings.
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
        self._open: dict[str, list[Opening]] = defaultdict(list)
        self._fixed: dict[tuple[str, str], list[Opening]] = defaultdict(list)
        self._ordinals: Counter[tuple[str, str]] = Counter()
        self._touched: dict[tuple[str, int], Opening] = {}
        self._ever_fixed: set[str] = set()
        """The IDs of items that were fixed at least once."""
        self.count = 0
        self._resumed = tuple(openings)
        self._resume(self._resumed)

    def has_open(self, path: str) -> bool:
        """Return whether any item is open at a path."""
        return path in self._open

    @property
    def open_paths(self) -> Mapping[str, object]:
        """The paths at which an item is open."""
        return self._open

    @property
    def touched(self) -> list[Opening]:
        """The openings that were added or changed since the tracker was created."""
        return list(self._touched.values())

    def touch_all(self) -> list[Opening]:
        """Mark all openings as touched, and return them."""
        self._touched |= {(opening.item, opening.number): opening for opening in self._resumed}
        return self.touched

    def open_spots(self) -> list[tuple[str, int | None]]:
        """Return (path, line) of all open items, sorted."""
        return sorted(
            (
                (opening.path, opening.spot.line)
                for group in self._open.values()
                for opening in group
            ),
            key=lambda spot: (spot[0], spot[1] or 0),
        )

    def begin(self, landing: Landing, found: Mapping[str, Found]) -> None:
        """Open an item for each match in the first scanned commit.

        Args:
            landing: The first scanned commit.
            found: Maps each path to its matches in that commit.
        """
        for path in sorted(found):
            for spot in found[path].spots:
                self._appear(landing, path, found[path].blob, spot, at_baseline=True)

    def advance(
        self,
        landing: Landing,
        changed: Mapping[str, Found | None],
        files: CommitFiles = UNKNOWN_FILES,
    ) -> None:
        """Update the items with the matches of the next commit.

        Args:
            landing: The next commit.
            changed: Maps each changed path to its matches, or to None if the file was removed.
            files: The files that the commit changed. They show edits and renames.
        """
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
        if len(old) == len(new) and all(map(_is_same, old, new)):
            # Most commits do not change the matched lines in these files.
            for opening, (path, blob, spot) in zip(old, new, strict=True):
                self._keep(landing, opening, path, blob, spot)
                self._open[path].append(opening)
            return
        pairing = pair(
            [opening.place for opening in old],
            [Place(path, spot.text, blob, spot.line) for path, blob, spot in new],
            files,
            whole_files=self._whole_files,
        )
        # Close items last, so that an item cannot regress in the commit that removes it.
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
            self._close(landing, old[index], file_gone=files.is_removed(old[index].path))

    def change_scope(self, landing: Landing, changed: Mapping[str, Found | None]) -> None:
        """Close the items of files that a commit excludes, and open the items of included files.

        Args:
            landing: The commit.
            changed: Maps each included path to its matches, and each excluded path to None.
        """
        for path in sorted(changed):
            for opening in self._open.pop(path, ()):
                self._close(landing, opening, closed_as="scope")
            found = changed[path]
            if found is not None:
                for spot in found.spots:
                    self._appear(
                        landing, path, found.blob, spot, at_baseline=False, opened_as="scope"
                    )

    def move(self, landing: Landing, old: str, new: str) -> None:
        """Move the items of an unreadable file to the path to which a commit renamed the file."""
        for opening in self._open.pop(old, ()):
            self._keep(landing, opening, new, opening.blob, opening.spot)
            self._open[new].append(opening)

    def _resume(self, openings: Iterable[Opening]) -> None:
        latest: dict[str, Opening] = {}
        for opening in openings:
            self.count += 1
            if opening.closed_at is not None and opening.closed_as is None:
                self._ever_fixed.add(opening.item)
            previous = latest.get(opening.item)
            if previous is None:
                self._ordinals[self._origin(opening.origin, opening.origin_text)] += 1
            if previous is None or opening.number > previous.number:
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
        old, stayed = opening.spot, opening.path == path
        if stayed and old == spot:
            if opening.blob != blob:
                opening.blob = blob
                self._touched[opening.item, opening.number] = opening
            return
        text = spot.exact_text
        if not stayed or old.exact_text != text or old.captures != spot.captures:
            version = Version(
                landing.commit,
                landing.landed_at,
                landing.day,
                path,
                text,
                spot.captures,
                landing.position,
            )
            opening.versions = (*opening.all_versions, version)
            opening.changed_by = landing.author or None
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
        opened_as: OpenedAs | None = None,
    ) -> Opening:
        fixed = self._fixed.get((path, spot.text))
        if fixed:
            before = fixed.pop()
            item, number = before.item, before.number + 1
            origin, origin_text = before.origin, before.origin_text
            if item not in self._ever_fixed:
                opened_as = opened_as or "new"
        else:
            item, number, origin, origin_text = self._name(path, spot.text), 1, path, spot.text
        author = None if at_baseline or opened_as == "scope" else landing.author or None
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
            opened_by=author,
            opened_by_all=() if author is None else (author,),
            origin_text=origin_text,
            opened_as=opened_as,
            opened_blob=blob,
            opened_position=landing.position,
        )
        self._touched[item, number] = opening
        self.count += 1
        if place:
            self._open[path].append(opening)
        return opening

    def _close(
        self,
        landing: Landing,
        opening: Opening,
        *,
        closed_as: ClosedAs | None = None,
        file_gone: bool = False,
    ) -> None:
        opening.closed_at = landing.landed_at
        opening.closed_on = landing.day
        opening.closed_commit = landing.commit
        opening.closed_position = landing.position
        opening.closed_as = closed_as
        opening.file_gone = file_gone
        if closed_as is None:
            opening.closed_by = landing.author or None
            opening.closed_by_all = (landing.author,) if landing.author else ()
            self._ever_fixed.add(opening.item)
        self._remember_fixed(opening)
        self._touched[opening.item, opening.number] = opening

    def _remember_fixed(self, opening: Opening) -> None:
        """Remember a closed item, in case the same line reappears at its path.

        Closed items are sorted by stored values, so that the result does not depend on the number
        of scans.
        """
        insort(self._fixed[opening.path, opening.spot.text], opening, key=_fixed_order)

    def _origin(self, path: str, text: str) -> tuple[str, str]:
        # Ignore the text of a whole file, because it is the file's name, which a move can change.
        return (path, "") if self._whole_files else (path, text)

    def _name(self, path: str, text: str) -> str:
        """Create an item's ID from its origin and its ordinal among items with the same origin."""
        origin = self._origin(path, text)
        self._ordinals[origin] += 1
        content = "\0".join((self._namespace, *origin, str(self._ordinals[origin])))
        return hashlib.blake2b(content.encode(), digest_size=8).hexdigest()


def _is_same(old: Opening, new: tuple[str, str, Spot]) -> bool:
    """Return whether an old and a new match have the same path and line."""
    path, _, spot = new
    return old.spot.text == spot.text and old.path == path


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
