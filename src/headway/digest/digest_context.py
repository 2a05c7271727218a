"""The template context of a digest.

The templates `digest.txt`, `digest.md` and `digest.html` receive a `Digest` as `page`.
docs/digest.md lists its fields. The expression `{{ sentence }}` renders a phrase, escaped for the
template's format.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from headway.digest.team_sections import TeamDigest
from headway.progress.state import Health
from headway.wording.action_sentences import NeedLine
from headway.wording.rich_text import Phrase


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the lines below it."""

    title: str
    lines: tuple[Phrase, ...]
    more: int = 0
    """The number of omitted lines."""


@dataclass(frozen=True, slots=True)
class CampaignDigest:
    """A campaign in a digest: the summary paragraph and the detailed sections."""

    campaign: str
    """The campaign's ID."""
    name: Phrase
    """The campaign's title, linked to the campaign's page if the URL of the site is known."""
    health: Health
    completion: float | None
    """The share of fixed items, from 0 to 1, or None if the campaign has never had an item."""
    open: int
    """The number of open items."""
    paragraph: tuple[Phrase, ...]
    """The sentences of the summary paragraph."""
    sections: tuple[Section, ...]
    """The detailed sections, without empty sections."""


@dataclass(frozen=True, slots=True)
class Digest:
    """A digest for everybody, or for one team."""

    subject: str
    """The subject of the email."""
    period: str
    """The period that the digest covers, in words, such as `2 to 8 March 2026`."""
    first: date
    """The first day of the period."""
    last: date
    """The last day of the period (inclusive)."""
    scanned_at: datetime | None
    """The end of the latest scan in UTC, or None before the first scan."""
    team: str | None
    """The team that receives the digest, or None for everybody."""
    overview: tuple[Phrase, ...]
    """Sentences about all campaigns together. Empty in the digest of a single campaign."""
    campaigns: tuple[CampaignDigest, ...]
    """The campaigns, most urgent first."""
    needs: tuple[NeedLine, ...]
    """The actions needed, most urgent first."""
    more_needs: int
    """The number of omitted actions."""
    teams: tuple[TeamDigest, ...]
    """The teams with open items or changes. Overdue, stalled and off-track teams come first. Empty
    in a team's digest.
    """
    more_teams: int
    """The number of omitted teams."""
    foot: tuple[Phrase, ...]
    """The closing sentences, for example about hidden repositories and the last scan."""
