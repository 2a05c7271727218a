"""Openings as rows: the one place that knows the order of their columns."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from headway.model.store_records import EpisodeRow, TrackKey
from headway.progress.tracker import Opening, Spot

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - the store's timestamps are UTC without saying so
_EARLIEST = datetime(1, 1, 1)  # noqa: DTZ001 - UTC, as all the store
_LATEST = datetime(9999, 12, 31, 23, 59, 59)  # noqa: DTZ001 - UTC, as all the store

OPENING_COLUMNS = (
    "campaign, rule, repository, item, number, origin, path, blob, text, line, "
    '"column", excerpt, captures, opened_at, opened_on, opened_commit, at_baseline, '
    "closed_at, closed_on, closed_commit, closed_by, team, moves, opened_by"
)


def timestamp(seconds: int) -> datetime:
    """Seconds since 1970 as UTC without a zone; times that no calendar has are cut to it."""
    try:
        return min(max(_EPOCH + timedelta(seconds=seconds), _EARLIEST), _LATEST)
    except OverflowError:
        return _LATEST if seconds > 0 else _EARLIEST


def seconds(moment: datetime) -> int:
    """The inverse of `timestamp`."""
    return int((moment - _EPOCH).total_seconds())


def day_of(at: int, today: date) -> date:
    """The UTC day of `at`, or `today` where that is earlier: nothing lands after it was seen."""
    return min(timestamp(at).date(), today)


def opening_row(key: TrackKey, opening: Opening, team: str) -> tuple[Any, ...]:
    """One row of the table `opening`."""
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
        moves_text(opening.moves),
        opening.opened_by,
    )


def moves_text(moves: Sequence[tuple[date, str]]) -> str | None:
    """The paths that an opening moved to, as the store keeps them; None for no move."""
    if not moves:
        return None
    return json.dumps([[day.isoformat(), path] for day, path in moves], ensure_ascii=False)


def moves_of(text: str | None) -> tuple[tuple[date, str], ...]:
    """The inverse of `moves_text`."""
    if text is None:
        return ()
    return tuple((date.fromisoformat(day), path) for day, path in json.loads(text))


def episode_of(row: tuple[Any, ...]) -> EpisodeRow:
    """From columns in the order of its fields."""
    item, number, rule, path, moves, *rest = row
    opened_on, closed_on, at_baseline, team = rest
    return EpisodeRow(
        item, number, rule, path, moves_of(moves), opened_on, closed_on, at_baseline, team
    )


@lru_cache(maxsize=4096)
def captures_of(text: str | None) -> Mapping[str, str]:
    """What the store keeps of an item's captures, by name, sorted. Nobody may change it."""
    return dict(sorted(json.loads(text).items())) if text else {}


def opening_of(row: tuple[Any, ...]) -> tuple[TrackKey, Opening]:
    """The inverse of `opening_row`, without the team."""
    spot = Spot(row[8], row[9], row[10], row[11], tuple(captures_of(row[12]).items()))
    opening = Opening(
        item=row[3],
        number=row[4],
        origin=row[5],
        path=row[6],
        blob=row[7],
        spot=spot,
        opened_at=seconds(row[13]),
        opened_on=row[14],
        opened_commit=row[15],
        at_baseline=row[16],
        closed_at=seconds(row[17]) if row[17] is not None else None,
        closed_on=row[18],
        closed_commit=row[19],
        closed_by=row[20],
        moves=moves_of(row[22]),
        opened_by=row[23],
    )
    return TrackKey(row[0], row[1], row[2]), opening
