"""Records of items and their openings, as the store returns them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from headway.model.movement import ClosedAs


class OpenItems(NamedTuple):
    """Selects items that are in scope and open at the end of a day."""

    day: date
    campaigns: tuple[str, ...]
    """The campaigns to select, in the order of the results."""
    teams: tuple[str, ...] | None = None
    """The teams to select, in the order of the results. None selects all teams."""
    repositories: tuple[str, ...] | None = None
    """The keys of the repositories to select. None selects all repositories."""
    newest: int | None = None
    """The maximum number of items. Regressed items are selected first, then the newest. None means
    no limit.
    """


class OpenItemRow(NamedTuple):
    """The data that pages show about an item that is open at the end of a day.

    The fields have the same meaning as in `OpeningRow`. A page can list a million items, and
    reading all fields of an opening would take twice as long.
    """

    campaign: str
    rule: str
    repository: str
    item: str
    path: str
    line: int | None
    column: int | None
    excerpt: str
    team: str
    regressed: bool
    opened_at: datetime
    opened_commit: str
    at_baseline: bool
    opened_by: str | None
    opened_by_all: str | None
    changed_by: str | None
    closed_on: date | None
    """The day on which the item was closed later, or None if it is still open."""
    captures: Mapping[str, str]


class OpeningRow(NamedTuple):
    """All data that commands and pages show about one opening of an item.

    An opening is a period during which the item was open.
    """

    campaign: str
    rule: str
    repository: str
    """The repository's key."""
    item: str
    path: str
    line: int | None
    column: int | None
    excerpt: str
    team: str
    """The current owner."""
    regressed: bool
    """Whether this opening reopened a fixed item."""
    opened_at: datetime
    """The landing time of `opened_commit`, as a UTC time without a time zone."""
    opened_commit: str
    at_baseline: bool
    opened_by: str | None
    opened_by_all: str | None
    """A JSON list of the names credited with opening the item, or None for at most one name.
    `row_codec.people_of` decodes the list.
    """
    changed_by: str | None
    """The author of the last commit that added, moved or edited the item, or None if unknown."""
    closed_at: datetime | None
    """The landing time of `closed_commit`, as a UTC time without a time zone, or None if open."""
    closed_on: date | None
    closed_commit: str | None
    closed_by: str | None
    closed_by_all: str | None
    """A JSON list of the names credited with closing the item, or None for at most one name.
    `row_codec.people_of` decodes the list.
    """
    closed_as: ClosedAs | None
    """The way in which the item was closed. See `Opening.closed_as`."""
    captures: Mapping[str, str]
    """The captured values by name, sorted."""
    text: str
    """The latest matched line, character for character."""
    versions: str | None
    """All matched lines and paths of the item during the opening, encoded by
    `row_codec.versions_text`. None if the item was never moved or edited.
    """
    moved_from: str | None
    """The repository and location that the item came from, as JSON, or None if it did not come from
    another repository.
    """
    moved_to: str | None
    """The repository and location that the item moved to, as JSON, or None if it did not move to
    another repository.
    """
