"""The context of the templates `digest.md`, `digest.txt` and `digest.html`: `page` is a `Digest`.

docs/digest.md lists the fields. A template writes `{{ sentence }}` to output a phrase. Every format
renders and escapes phrases automatically.
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
    """Several lines under one heading."""

    title: str
    lines: tuple[Phrase, ...]
    more: int = 0
    """The number of lines that are left out."""


@dataclass(frozen=True, slots=True)
class CampaignDigest:
    """One campaign: the summary paragraph and the details."""

    campaign: str
    """The campaign's ID."""
    name: Phrase
    """The campaign's title, linked to the campaign's page if the URL of the site is known."""
    health: Health
    completion: float | None
    """The share of items that are fixed, from 0 to 1; None if there has never been an item."""
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
    """The subject of the email."""
    period: str
    """The period in words, such as `2 to 8 March 2026`."""
    first: date
    """The first day of the period."""
    last: date
    """The last day of the period (inclusive)."""
    scanned_at: datetime | None
    """The time at which the latest scan ended, in UTC; None before the first scan."""
    team: str | None
    """The team that the digest is for; None for everybody."""
    overview: tuple[Phrase, ...]
    """Sentences on all campaigns together; empty for a single campaign."""
    campaigns: tuple[CampaignDigest, ...]
    """The campaigns, most urgent first."""
    needs: tuple[NeedLine, ...]
    """The actions needed, most urgent first."""
    more_needs: int
    """The number of actions that are left out."""
    teams: tuple[TeamDigest, ...]
    """The teams, starting with those that are behind; empty in the digest of a team."""
    more_teams: int
    """The number of teams that are left out."""
    foot: tuple[Phrase, ...]
    """The closing sentences."""
