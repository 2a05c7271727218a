"""Template context of Atom feeds and badges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Badge:
    """A badge for a README, with a label on the left and a value on the right."""

    text: str
    """The label on the left."""

    value: str
    """The value on the right."""

    text_width: int
    """The width of the left part of the badge, in pixels."""

    value_width: int
    """The width of the right part of the badge, in pixels."""

    kind: str
    """The meaning of the value: `good`, `warn`, `bad` or `plain`. It selects the colour."""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """A feed entry about one completed week of a campaign, or about one recorded change."""

    id: str
    """The entry's permanent IRI."""

    title: str
    summary: str
    updated: datetime


@dataclass(frozen=True, slots=True)
class Feed:
    """The Atom feed of a campaign."""

    id: str
    title: str
    page: str
    """The URL of the campaign's page, relative to the feed."""

    updated: datetime
    entries: tuple[FeedEntry, ...]
    """The entries of the feed, newest first."""
