"""What every process that builds pages is told, and the parts that the work comes in."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from headway.metrics.attention.attention_records import Attention
from headway.metrics.records import CampaignReport
from headway.model.audience import Audience
from headway.model.campaign import Campaign
from headway.site.build.data_tables import Piece
from headway.site.build.manifest import Manifest
from headway.site.build.publish import Place
from headway.site.build.record_file import Shelf
from headway.wording.rich_text import Phrase


@dataclass(frozen=True, slots=True)
class Traces:
    """Digests of what pages follow from. always: of what all of them do. repositories, teams,
    campaigns: by name, of what the store holds of them or of the repositories of their items.
    """

    always: str
    repositories: Mapping[str, str]
    teams: Mapping[str, str]
    campaigns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Plan:
    """reports: folders with templates, the user's own first. inputs: digest of everything that
    pages follow from, but for templates and campaigns. traces: the same in parts. batches: the
    first name of each batch of repositories, in order; a batch has the names from there up to the
    next one.
    """

    store: Path
    campaigns: tuple[Campaign, ...]
    reports: tuple[Path, ...]
    today: date
    audience: Audience
    place: Place
    inputs: str
    traces: Traces
    batches: tuple[str, ...]

    def batch_of(self, repository: str) -> int:
        """The number of the batch that a repository is in, by its name."""
        return max(bisect_right(self.batches, repository) - 1, 0)


@dataclass(frozen=True, slots=True)
class CampaignBuilt:
    """What a campaign's pages leave for those about all campaigns.

    answer: without its repositories and the series of their parts. attention: of the last seven
    days, as `attention.briefly` leaves it. words: what `attention.week_in_words` says of it.
    known: name of each repository to whether it is known. having_pages: those among them that have
    a page. shelf: what the pages of teams and repositories show of this campaign.
    """

    answer: CampaignReport
    attention: Attention
    words: tuple[Phrase, ...]
    known: Mapping[str, bool]
    having_pages: frozenset[str]
    shelf: Shelf
    written: Manifest


@dataclass(frozen=True, slots=True)
class TeamsPart:
    """Some teams, sorted. shelves: of all campaigns in the order in which they are shown."""

    teams: tuple[str, ...]
    shelves: tuple[Shelf, ...]


@dataclass(frozen=True, slots=True)
class TeamsBuilt:
    """pieces: (campaign, team) to where its items lie in the tables of that team, for teams whose
    tables were made and not taken over.
    """

    written: Manifest
    pieces: Mapping[tuple[str, str], Piece]


@dataclass(frozen=True, slots=True)
class ItemsPart:
    """The table of all items of a campaign, by its number in the plan. teams: all that ever had
    any, sorted. pieces: team to where its items lie already.
    """

    number: int
    teams: tuple[str, ...]
    pieces: Mapping[str, Piece]


@dataclass(frozen=True, slots=True)
class RepositoriesPart:
    """One batch of repositories; shelves: as in `TeamsPart`."""

    number: int
    shelves: tuple[Shelf, ...]
