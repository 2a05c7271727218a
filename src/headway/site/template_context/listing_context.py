"""Template contexts of the pages that list a campaign's items and changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from headway.metrics.records import ItemRow
from headway.site.template_context.shared_context import ChangeEntry, Frame, Link, Paging


class ItemEntry(NamedTuple):
    """An open item in a list of a campaign's items."""

    item: ItemRow
    repository: Link
    team: Link


@dataclass(frozen=True, slots=True)
class ItemsPage:
    """One page of a campaign's list of open items, such as `campaigns/ID/items.html`."""

    frame: Frame
    title: str
    items: tuple[ItemEntry, ...]
    """The items on this page: regressed items, then the most recently opened, and finally baseline
    items.
    """

    several: bool
    """Whether the campaign has more than one rule."""

    open: int
    """The number of open items in the campaign."""

    listed: int
    """The number of items across all pages of the list. It is less than `open` if the list is
    truncated or omits items that not all readers are allowed to see.
    """

    truncated: bool
    """Whether the list contains only 5,000 of the open items, because the campaign has more."""

    paging: Paging
    files: tuple[Link, ...]
    """Links to the complete list as CSV and JSON."""


@dataclass(frozen=True, slots=True)
class ChangeWeek:
    """The part of an ISO week's changes that is on one page."""

    day: date
    """The last day of the week, or today for the current week."""

    anchor: str
    """The HTML ID of the week's section on the page."""

    changes: tuple[ChangeEntry, ...]
    """The changes in the week, latest first."""


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """One page of a campaign's list of changes, such as `campaigns/ID/changes.html`.

    The list shows who changed the number of open items. Each entry is a commit, a change of scope
    or exemptions, or a move between repositories.
    """

    frame: Frame
    title: str
    weeks: tuple[ChangeWeek, ...]
    """The weeks on this page, latest week first."""

    older: int
    """The number of changes that are too old for the list."""

    withheld: bool
    """Whether the list omits changes in repositories that not all readers are allowed to see."""

    paging: Paging
    files: tuple[Link, ...]
    """Links to all changes as CSV and JSON."""
