"""Records for the templates of Atom feeds and badges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Badge:
    """A badge for a README."""

    text: str
    """The text on the left."""

    value: str
    """The text on the right."""

    text_width: int
    """The width of the left part, in pixels."""

    value_width: int
    """The width of the right part, in pixels."""

    kind: str
    """The kind of colour: `good`, `warn`, `bad` or `plain`."""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """An entry about one completed week of a campaign, or about one change of its definition."""

    id: str
    """The permanent IRI of the entry."""

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
    """Newest first."""
