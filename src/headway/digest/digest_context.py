"""The context of the templates `digest.md`, `digest.txt` and `digest.html`: `page` is a `Digest`.

docs/digest.md lists the fields. Each format escapes and renders a phrase by itself: a template
only needs `{{ sentence }}`.
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
    """Lines under a heading."""

    title: str
    lines: tuple[Phrase, ...]
    more: int = 0
    """How many further lines are left out."""


@dataclass(frozen=True, slots=True)
class CampaignDigest:
    """One campaign: the summary paragraph and the details."""

    campaign: str
    """The campaign's id."""
    name: Phrase
    """The title, linked to the campaign's page where that is known."""
    health: Health
    completion: float | None
    """0 to 1; None where no item has ever matched."""
    open: int
    """Number of open items."""
    paragraph: tuple[Phrase, ...]
    """The sentences of the summary paragraph."""
    sections: tuple[Section, ...]
    """The details."""


@dataclass(frozen=True, slots=True)
class Digest:
    """A whole digest."""

    subject: str
    """The subject of the mail."""
    period: str
    """The days in words: `2 to 8 March 2026`."""
    first: date
    last: date
    """The last day of the period (inclusive)."""
    scanned_at: datetime | None
    """When the latest scan ended, in UTC; None where nothing was scanned."""
    team: str | None
    """The team that the digest is for; None for everybody."""
    overview: tuple[Phrase, ...]
    """Sentences on all campaigns together; empty for a single campaign."""
    campaigns: tuple[CampaignDigest, ...]
    """The most urgent first."""
    needs: tuple[NeedLine, ...]
    """The actions needed, the most urgent first."""
    more_needs: int
    """How many further actions are left out."""
    teams: tuple[TeamDigest, ...]
    """Teams that are behind first; empty in the digest of a team."""
    more_teams: int
    """How many further teams are left out."""
    foot: tuple[Phrase, ...]
    """The closing sentences."""
