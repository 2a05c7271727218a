"""What the templates `digest.md`, `digest.txt` and `digest.html` are given, as `page`.

docs/digest.md lists it. A phrase is written by its format as it should be: `{{ sentence }}` is all
that a template needs, and nothing in it can do harm.
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
    """Some facts under a heading. more: how many lines are left out."""

    title: str
    lines: tuple[Phrase, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class CampaignDigest:
    """One campaign. name: its title, linked to its page where that is known.

    completion: 0 to 1; None where there never was an item. paragraph: one phrase a sentence.
    sections: the details.
    """

    campaign: str
    name: Phrase
    health: Health
    completion: float | None
    open: int
    paragraph: tuple[Phrase, ...]
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """What is sent.

    subject: of a mail. period: its days in words. overview: sentences about all campaigns; empty
    where there is one. team: of whom it is; None for everybody. more_needs, more_teams: how many
    are left out. scanned_at: when the latest scan ended, in UTC. withheld: open items of which the
    readers may see counts only. site: where the pages are.
    """

    subject: str
    period: str
    first: date
    last: date
    scanned_at: datetime | None
    team: str | None
    overview: tuple[Phrase, ...]
    campaigns: tuple[CampaignDigest, ...]
    needs: tuple[NeedLine, ...]
    more_needs: int
    teams: tuple[TeamDigest, ...]
    more_teams: int
    foot: tuple[Phrase, ...]
