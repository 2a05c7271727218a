"""The records of Atom feeds and of badges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Badge:
    """A badge for a README."""

    text: str
    """On the left."""

    value: str
    """On the right."""

    text_width: int
    """In pixels."""

    value_width: int
    """In pixels."""

    kind: str
    """Names the colour: `good`, `warn`, `bad` or `plain`."""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One week, or one mark, of a campaign."""

    id: str
    """An IRI that never changes."""

    title: str
    summary: str
    updated: datetime


@dataclass(frozen=True, slots=True)
class Feed:
    """The Atom feed of a campaign."""

    id: str
    title: str
    page: str
    """The campaign's page, relative to the feed."""

    updated: datetime
    entries: tuple[FeedEntry, ...]
    """Newest first."""
