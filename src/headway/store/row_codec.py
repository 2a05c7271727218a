"""Convert openings to rows of the `opening` table and back.

An opening is a period during which an item was open.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from headway.model.store_records import AttributeFiles, Beginning, EpisodeRow, TrackKey
from headway.progress.opening import Opening, Spot, Version

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - the store's timestamps are UTC without a time zone
_EARLIEST = datetime(1, 1, 1)  # noqa: DTZ001 - UTC without a time zone
_LATEST = datetime(9999, 12, 31, 23, 59, 59)  # noqa: DTZ001 - UTC without a time zone

OPENING_COLUMNS = """
    campaign, rule, repository, item, number, origin, path, blob, text, line, "column", excerpt,
    captures, epoch(opened_at)::BIGINT AS opened_at, opened_on, opened_commit, at_baseline,
    epoch(closed_at)::BIGINT AS closed_at, closed_on, closed_commit, closed_by, versions, opened_by,
    exact, origin_text, opened_by_all, closed_by_all, opened_as, closed_as,
    opened_blob, file_gone, changed_by
"""
"""The columns that `opening_of` reads. Times are in seconds since 1970 UTC."""


def timestamp(seconds: int) -> datetime:
    """Convert seconds since 1970 to a UTC time without a time zone, within `datetime`'s range."""
    try:
        return min(max(_EPOCH + timedelta(seconds=seconds), _EARLIEST), _LATEST)
    except OverflowError:
        return _LATEST if seconds > 0 else _EARLIEST


def seconds(moment: datetime) -> int:
    """Convert a UTC time without a time zone to seconds since 1970. The inverse of `timestamp`."""
    return int((moment - _EPOCH).total_seconds())


def day_of(at: int, today: date) -> date:
    """Return the UTC day of a time, but at most `today`. No commit lands after its scan."""
    return min(timestamp(at).date(), today)


MATCH_COLUMNS = f"{OPENING_COLUMNS}, opened_position, closed_position"
"""The columns of the `matched` table that `opening_of` reads."""


def match_row(key: TrackKey, opening: Opening) -> tuple[Any, ...]:
    """Return an opening as a row of the `matched` table, in the order of the columns."""
    row = opening_row(key, opening, "", positions=True)
    return (*row, opening.opened_position, opening.closed_position)


def opening_row(
    key: TrackKey, opening: Opening, team: str, *, positions: bool = False
) -> tuple[Any, ...]:
    """Return an opening as a row of the `opening` table, in the order of the columns.

    `positions` states whether the row includes the positions of the versions' commits.
    """
    spot = opening.spot
    closed_at = opening.closed_at
    return (
        *key,
        opening.item,
        opening.number,
        opening.origin,
        opening.path,
        opening.blob,
        spot.text,
        spot.line,
        spot.column,
        spot.excerpt,
        json.dumps(dict(spot.captures), ensure_ascii=False) if spot.captures else None,
        timestamp(opening.opened_at),
        opening.opened_on,
        opening.opened_commit,
        opening.at_baseline,
        timestamp(closed_at) if closed_at is not None else None,
        opening.closed_on,
        opening.closed_commit,
        opening.closed_by,
        team,
        opening.opened_by,
        versions_text(opening.versions, positions=positions),
        spot.exact,
        None if opening.origin_text == spot.text else opening.origin_text,
        _people_text(opening.opened_by_all),
        _people_text(opening.closed_by_all),
        opening.opened_as,
        opening.closed_as,
        None if opening.opened_blob == opening.blob else opening.opened_blob or None,
        opening.file_gone or None,
        # Moves between repositories are found after all repositories have been scanned.
        None,
        None,
        None,
        opening.changed_by,
    )


def _people_text(names: Sequence[str]) -> str | None:
    """Encode several names. Return None for at most one name.

    A single name is stored in a separate column.
    """
    return json.dumps(names, ensure_ascii=False) if len(names) > 1 else None


@lru_cache(maxsize=4096)
def people_of(text: str | None, first: str | None) -> tuple[str, ...]:
    """Decode names. If `text` is None, `first` is the only name, or None if there is none."""
    if text is not None:
        return tuple(json.loads(text))
    return (first,) if first is not None else ()


def versions_text(versions: Sequence[Version], *, positions: bool = False) -> str | None:
    """Encode the versions of an opening. Return None without versions.

    `positions` states whether to include the positions of their commits.
    """
    if not versions:
        return None
    rows = [
        [
            version.commit,
            version.landed_at,
            version.day.isoformat(),
            version.path,
            version.text,
            dict(version.captures),
            *((version.position,) if positions else ()),
        ]
        for version in versions
    ]
    return json.dumps(rows, ensure_ascii=False)


def versions_of(text: str | None) -> tuple[Version, ...]:
    """Decode a result of `versions_text`."""
    if text is None:
        return ()
    return tuple(
        Version(
            commit,
            landed_at,
            date.fromisoformat(day),
            path,
            line,
            tuple(sorted(captures.items())),
            *position,
        )
        for commit, landed_at, day, path, line, captures, *position in json.loads(text)
    )


def partner_of(text: str | None) -> Mapping[str, str] | None:
    """Decode the other end of a move between repositories. Return None without a move.

    The keys are `repository` (the key of the repository), `path` (the path at the time of the move)
    and `item` (the ID of the item in that repository).
    """
    if text is None:
        return None
    found: dict[str, str] = json.loads(text)
    return found


def moves_of(text: str | None) -> tuple[tuple[date, str], ...]:
    """Return (day, path at the end of the day) pairs. Empty if the item never moved."""
    if text is None:
        return ()
    paths = {date.fromisoformat(day): path for _, _, day, path, *_ in json.loads(text)}
    return tuple(paths.items()) if len(set(paths.values())) > 1 else ()


def episode_of(row: Any) -> EpisodeRow:
    """Create an `EpisodeRow` from a row with a column for each of its fields."""
    return EpisodeRow(
        row.item,
        row.number,
        row.rule,
        row.path,
        moves_of(row.versions),
        row.opened_on,
        row.closed_on,
        row.at_baseline,
        row.team,
        row.opened_as,
        row.closed_as,
    )


def beginning_text(begins: Beginning | None) -> str | None:
    """Encode the beginning of a rule's scanned history."""
    return None if begins is None else json.dumps(begins, default=date.isoformat)


def beginning_of(text: str | None) -> Beginning | None:
    """Decode a result of `beginning_text`."""
    if text is None:
        return None
    begins = Beginning(*json.loads(text))
    return begins._replace(day=date.fromisoformat(str(begins.day)))


def attributes_text(files: AttributeFiles | None) -> str | None:
    """Encode the `.gitattributes` files of a commit. Return None if they are unknown."""
    return None if files is None else json.dumps([files.has_marks, files.blobs])


def attributes_of(text: str | None) -> AttributeFiles | None:
    """Decode a result of `attributes_text`."""
    if text is None:
        return None
    has_marks, blobs = json.loads(text)
    return AttributeFiles(blobs, has_marks)


@lru_cache(maxsize=4096)
def captures_of(text: str | None) -> Mapping[str, str]:
    """Decode captured values, sorted by name. The result is shared and must not be changed."""
    return dict(sorted(json.loads(text).items())) if text else {}


def opening_of(row: Any) -> tuple[TrackKey, Opening]:
    """Decode a row with named columns. The inverse of `opening_row`, but without the team.

    Rows of the `matched` table also have the positions of commits.
    """
    captures = tuple(captures_of(row.captures).items())
    opening = Opening(
        item=row.item,
        number=row.number,
        origin=row.origin,
        path=row.path,
        blob=row.blob,
        spot=Spot(row.text, row.line, row.column, row.excerpt, captures, row.exact),
        opened_at=row.opened_at,
        opened_on=row.opened_on,
        opened_commit=row.opened_commit,
        at_baseline=row.at_baseline,
        closed_at=row.closed_at,
        closed_on=row.closed_on,
        closed_commit=row.closed_commit,
        closed_by=row.closed_by,
        versions=versions_of(row.versions),
        opened_by=row.opened_by,
        origin_text=row.text if row.origin_text is None else row.origin_text,
        opened_by_all=people_of(row.opened_by_all, row.opened_by),
        closed_by_all=people_of(row.closed_by_all, row.closed_by),
        opened_as=row.opened_as,
        closed_as=row.closed_as,
        opened_blob=row.opened_blob or row.blob,
        file_gone=bool(row.file_gone),
        changed_by=row.changed_by,
        opened_position=getattr(row, "opened_position", None),
        closed_position=getattr(row, "closed_position", None),
    )
    return TrackKey(row.campaign, row.rule, row.repository), opening
