"""The parts of a campaign's report that pages about more than one campaign show.

Each record holds everything that one such page shows of one campaign, and nothing else. The build
compares these records to decide which pages it must render again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from headway.metrics.attention.attention_records import Attention
from headway.metrics.records import (
    BurndownPoint,
    CampaignForecast,
    CampaignReport,
    StatusRow,
    TeamContact,
)
from headway.site.attention_section import briefly, week_in_words
from headway.site.pagination import has_page
from headway.wording.rich_text import Phrase

_RECENT_DAYS = 8
"""The last seven days, and the day before them."""


@dataclass(frozen=True, slots=True)
class CampaignSummary:
    """What the index shows of one campaign."""

    status: StatusRow
    starts: date
    forecast: CampaignForecast

    weeks: tuple[BurndownPoint, ...]
    """The whole series, oldest first."""

    days: tuple[BurndownPoint, ...]
    """The last seven days and the day before them, oldest first; fewer in a young campaign."""

    teams: tuple[StatusRow, ...]
    contacts: tuple[TeamContact, ...]

    attention: Attention
    """What happened in the last seven days, without the lists that the index does not show."""

    week_in_words: tuple[Phrase, ...]
    """Sentences on why the open count and the forecast moved in the last seven days."""

    repositories: Mapping[str, bool]
    """Name of each repository to whether its state is known."""

    pages: tuple[str, ...]
    """Names of the repositories that have a page, sorted."""


@dataclass(frozen=True, slots=True)
class TeamSlice:
    """What a team's pages show of one campaign."""

    row: StatusRow
    starts: date

    rules: int
    """How many deprecated rules the campaign has."""

    weeks: tuple[BurndownPoint, ...]
    """The team's own series, oldest first."""

    contact: TeamContact | None


@dataclass(frozen=True, slots=True)
class RepositorySlice:
    """What a repository's pages show of one campaign."""

    row: StatusRow
    starts: date

    rules: int
    """How many deprecated rules the campaign has."""

    forge: str | None
    """The repository's page on its forge."""


def campaign_summary(report: CampaignReport, attention: Attention) -> CampaignSummary:
    """The part of a campaign's report that the index shows."""
    repositories: dict[str, bool] = {}
    for row in report.repositories:
        name = row.repository or ""
        # of two repositories with one name, either may be unknown
        repositories[name] = repositories.get(name, True) and row.state != "unknown"
    return CampaignSummary(
        status=report.status,
        starts=report.starts,
        forecast=report.forecast,
        weeks=report.weeks,
        days=report.days[-_RECENT_DAYS:],
        teams=report.teams,
        contacts=report.contacts,
        attention=briefly(attention),
        week_in_words=week_in_words(attention),
        repositories=repositories,
        pages=tuple(sorted({row.repository or "" for row in report.repositories if has_page(row)})),
    )


def team_slices(report: CampaignReport) -> dict[str, TeamSlice]:
    """Team to what its pages show of the campaign."""
    contacts = {contact.team: contact for contact in report.contacts}
    return {
        row.team or "": TeamSlice(
            row=row,
            starts=report.starts,
            rules=len(report.definition.deprecated),
            weeks=report.team_weeks.get(row.team or "", ()),
            contact=contacts.get(row.team or ""),
        )
        for row in report.teams
    }


def repository_slices(report: CampaignReport) -> list[RepositorySlice]:
    """What the pages of repositories show of the campaign, for each repository with a page."""
    return [
        RepositorySlice(
            row=row,
            starts=report.starts,
            rules=len(report.definition.deprecated),
            forge=facts.forge if (facts := report.facts.get(row.repository or "")) else None,
        )
        for row in report.repositories
        if has_page(row)
    ]
