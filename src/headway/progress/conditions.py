"""Derive items from matches in campaigns whose items depend on other matches.

If a campaign has `applies_to`, its items count only while the repository is affected. If a campaign
has required rules but no deprecated rules, an item is open while an affected repository lacks a
match for a rule.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from operator import attrgetter

from headway.model.movement import OpenedAs
from headway.model.store_records import Beginning, TrackKey
from headway.progress.opening import Opening, Spot, Version
from headway.progress.places import REPOSITORY_PATH


@dataclass(frozen=True, slots=True)
class Change:
    """A commit at which a condition begins or ceases to hold."""

    position: int
    """The number of first-parent commits before this commit."""
    commit: str
    landed_at: int
    """The landing time of the commit, in seconds since 1970 UTC."""
    day: date
    at_baseline: bool = False
    """Whether the condition already held at the first commit of the scanned history."""
    by: str | None = None
    """The author of the commit, or None if the author is unknown or the commit included or excluded
    a file.
    """
    by_all: tuple[str, ...] = ()
    """`by` and all other people who receive credit."""
    is_scope: bool = False
    """Whether the commit included or excluded the file with the match."""


@dataclass(frozen=True, slots=True)
class Period:
    """A range of consecutive commits at which a condition holds."""

    first: Change
    """The first of these commits."""
    end: Change | None
    """The first commit after the period, or None if the condition still holds."""

    def reaches(self, position: int) -> bool:
        """Return whether the period has no end, or ends at this position or later."""
        return self.end is None or self.end.position >= position


def periods_of(openings: Iterable[Opening]) -> list[Period]:
    """Return the periods covered by at least one of these openings, oldest first."""
    joined: list[Period] = []
    for opening in sorted(openings, key=_begin):
        begins, ends = _begins(opening), _ends(opening)
        if ends is not None and ends.position <= begins.position:
            continue
        if joined and joined[-1].reaches(begins.position):
            before = joined[-1]
            if before.end is not None and (ends is None or ends.position > before.end.position):
                joined[-1] = replace(before, end=ends)
        else:
            joined.append(Period(begins, ends))
    return joined


def while_affected(openings: Iterable[Opening], affected: Sequence[Period]) -> Iterator[Opening]:
    """Yield the parts of openings during which the repository is affected.

    If an item already exists when a commit makes the repository affected, the item opens with a
    change of scope. If an item still exists when the repository is no longer affected, the item
    closes with a change of scope.

    Args:
        openings: All openings of one rule in one repository.
        affected: The periods during which the repository is affected, oldest first.
    """
    ordered = sorted(openings, key=attrgetter("item", "number"))
    for _, group in groupby(ordered, key=attrgetter("item")):
        yield from _numbered(
            part
            for opening in group
            for period in affected
            if (part := _part(opening, period)) is not None
        )


def while_missing(
    track: TrackKey,
    matches: Iterable[Opening],
    begins: Beginning,
    affected: Sequence[Period] | None,
) -> Iterator[Opening]:
    """Yield the openings of the item that is open while a repository lacks a required match.

    Args:
        track: The required rule in one repository.
        matches: All openings of the rule's matches in the repository.
        begins: The commit at which the history of the rule begins.
        affected: The periods during which the repository is affected, oldest first. None means that
            the repository is always affected.
    """
    first = Change(*begins)
    present = periods_of(matches)
    if affected is None:
        affected = [Period(first, None)]
    yield from _numbered(
        _missing(track, lacking)
        for period in affected
        for lacking in _lacking(period, present, first)
    )


def _lacking(period: Period, present: Sequence[Period], first: Change) -> Iterator[_Lack]:
    """Yield the parts of an affected period during which the required match is missing."""
    starts, begins_as = period.first, _how_affected(period.first, first)
    if starts.position < first.position:
        starts, begins_as = first, None
    for match in present:
        if match.end is not None and match.end.position <= starts.position:
            if match.end.position == starts.position and begins_as == "scope":
                # The commit that made the repository affected also removed the match.
                starts, begins_as = match.end, "scope" if match.end.is_scope else None
            continue
        if period.end is not None and match.first.position > period.end.position:
            break
        if match.first.position > starts.position:
            yield _Lack(starts, match.first, begins_as, is_fixed=not match.first.is_scope)
        if match.end is None:
            return
        starts, begins_as = match.end, "scope" if match.end.is_scope else None
    if period.end is None or period.end.position > starts.position:
        yield _Lack(starts, period.end, begins_as, is_fixed=False)


@dataclass(frozen=True, slots=True)
class _Lack:
    starts: Change
    ends: Change | None
    begins_as: OpenedAs | None
    is_fixed: bool
    """Whether the period ended with a match instead of a change of scope."""


def _how_affected(change: Change, first: Change) -> OpenedAs | None:
    """Return how an item that already exists opens when its repository becomes affected."""
    is_from_the_start = change.at_baseline or change.position <= first.position
    return None if is_from_the_start else "scope"


def _missing(track: TrackKey, lack: _Lack) -> Opening:
    text = f"missing: {track.rule}"
    content = "\0".join((*track, "missing"))
    starts, ends = lack.starts, lack.ends
    by = None if lack.begins_as == "scope" else starts.by
    opening = Opening(
        item=hashlib.blake2b(content.encode(), digest_size=8).hexdigest(),
        number=1,
        origin=REPOSITORY_PATH,
        path=REPOSITORY_PATH,
        blob="",
        spot=Spot(text, None, None, text),
        opened_at=starts.landed_at,
        opened_on=starts.day,
        opened_commit=starts.commit,
        at_baseline=starts.at_baseline,
        opened_by=by,
        opened_by_all=starts.by_all if by is not None else (),
        origin_text=text,
        opened_as=lack.begins_as,
        opened_position=starts.position,
    )
    if ends is not None:
        _close(opening, ends, is_fixed=lack.is_fixed)
    return opening


def _part(opening: Opening, affected: Period) -> Opening | None:
    """Return the part of an opening within a period, or None if they have no commit in common."""
    begins, ends = _begins(opening), _ends(opening)
    first, end = affected.first, affected.end
    is_late = first.position > begins.position
    starts = first if is_late else begins
    if ends is not None and ends.position <= starts.position:
        return None
    if end is not None and end.position <= starts.position:
        return None
    part = replace(opening)
    if is_late:
        _open_later(part, first)
    if end is not None and (ends is None or end.position < ends.position):
        _close(part, end, is_fixed=False)
        _forget_after(part, end)
    return part


def _open_later(opening: Opening, change: Change) -> None:
    """Make an opening begin with the commit that makes the repository affected."""
    in_force = [version for version in opening.all_versions if _at(version) <= change.position]
    later = [version for version in opening.all_versions if _at(version) > change.position]
    now = in_force[-1] if in_force else opening.all_versions[0]
    begin = now._replace(
        commit=change.commit,
        landed_at=change.landed_at,
        day=change.day,
        position=change.position,
    )
    if not opening.versions:
        opening.changed_by = opening.opened_by
    opening.versions = (begin, *later) if later else ()
    opening.opened_at, opening.opened_on = change.landed_at, change.day
    opening.opened_commit, opening.opened_position = change.commit, change.position
    opening.at_baseline = change.at_baseline
    opening.opened_by, opening.opened_by_all = None, ()
    opening.opened_as = None if change.at_baseline else "scope"
    opening.opened_blob = ""


def _forget_after(opening: Opening, end: Change) -> None:
    """Remove the versions of an opening that came after its end."""
    versions = opening.all_versions
    kept = tuple(version for version in versions if _at(version) < end.position)
    if len(kept) == len(versions):
        return
    last = kept[-1]
    text = " ".join(last.text.split())
    opening.versions = kept if len(kept) > 1 else ()
    opening.changed_by = None
    opening.path = last.path
    opening.spot = Spot(
        text, None, None, text, last.captures, None if text == last.text else last.text
    )
    opening.blob = opening.opened_blob


def _close(opening: Opening, change: Change, *, is_fixed: bool) -> None:
    opening.closed_at, opening.closed_on = change.landed_at, change.day
    opening.closed_commit, opening.closed_position = change.commit, change.position
    opening.closed_by = change.by if is_fixed else None
    opening.closed_by_all = change.by_all if is_fixed else ()
    opening.closed_as = None if is_fixed else "scope"
    opening.file_gone = False


def _numbered(parts: Iterable[Opening]) -> Iterator[Opening]:
    """Number the openings of one item, and correct those that would wrongly count as regressed.

    An item that was never fixed while it counted cannot regress.
    """
    was_fixed = False
    for number, part in enumerate(parts, 1):
        part.number = number
        if number > 1 and not was_fixed and part.opened_as is None:
            part.opened_as = "new"
        was_fixed = was_fixed or (part.closed_at is not None and part.closed_as is None)
        yield part


def _begin(opening: Opening) -> int:
    assert opening.opened_position is not None
    return opening.opened_position


def _at(version: Version) -> int:
    return version.position if version.position is not None else -1


def _begins(opening: Opening) -> Change:
    return Change(
        _begin(opening),
        opening.opened_commit,
        opening.opened_at,
        opening.opened_on,
        opening.at_baseline,
        opening.opened_by,
        opening.opened_by_all,
        opening.opened_as == "scope",
    )


def _ends(opening: Opening) -> Change | None:
    if opening.closed_at is None:
        return None
    assert opening.closed_position is not None
    assert opening.closed_commit is not None
    assert opening.closed_on is not None
    return Change(
        opening.closed_position,
        opening.closed_commit,
        opening.closed_at,
        opening.closed_on,
        by=opening.closed_by,
        by_all=opening.closed_by_all,
        is_scope=opening.closed_as == "scope",
    )
