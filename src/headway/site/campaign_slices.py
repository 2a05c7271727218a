"""Slices of a campaign's report, for the index and the pages of teams and repositories.

A slice holds everything that one such page shows of one campaign, and nothing else. The build
compares slices to decide which pages it must render again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from headway.metrics.attention.attention_records import Attention, Due
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
    """The part of a campaign's report that the index shows."""

    status: StatusRow
    starts: date
    forecast: CampaignForecast

    weeks: tuple[BurndownPoint, ...]
    """All weeks of the campaign, oldest first."""

    days: tuple[BurndownPoint, ...]
    """The last seven days and the day before them, oldest first; fewer in a young campaign."""

    teams: tuple[StatusRow, ...]
    team_dues: Mapping[str, Due]
    """Team to the earliest due date of the team's open items, including due dates of milestones."""

    contacts: tuple[TeamContact, ...]

    attention: Attention
    """The changes of the last seven days, without the lists that the index does not show."""

    week_in_words: tuple[Phrase, ...]
    """Sentences on why the open count and the forecast changed in the last seven days."""

    repositories: Mapping[str, bool]
    """Repository name to True if the repository's state is known."""

    pages: tuple[str, ...]
    """Names of the repositories that have a page, sorted."""


@dataclass(frozen=True, slots=True)
class TeamSlice:
    """The part of a campaign's report that a team's pages show."""

    row: StatusRow
    starts: date

    rules: int
    """How many deprecated rules the campaign has."""

    weeks: tuple[BurndownPoint, ...]
    """The weeks of the campaign, counting only the team's items; oldest first."""

    contact: TeamContact | None

    due: Due | None
    """The nearest due date of the team's open items, milestones included; None without one."""


@dataclass(frozen=True, slots=True)
class RepositorySlice:
    """The part of a campaign's report that a repository's pages show."""

    row: StatusRow
    starts: date

    rules: int
    """How many deprecated rules the campaign has."""

    forge: str | None
    """The URL of the repository on its forge; None if it is not known."""


def campaign_summary(report: CampaignReport, attention: Attention) -> CampaignSummary:
    """Return the part of a campaign's report that the index shows."""
    repositories: dict[str, bool] = {}
    for row in report.repositories:
        name = row.repository or ""
        # two repositories may share a name: the name is known only if both are
        repositories[name] = repositories.get(name, True) and row.state != "unknown"
    return CampaignSummary(
        status=report.status,
        starts=report.starts,
        forecast=report.forecast,
        weeks=report.weeks,
        days=report.days[-_RECENT_DAYS:],
        teams=report.teams,
        team_dues=_team_dues(attention),
        contacts=report.contacts,
        attention=briefly(attention),
        week_in_words=week_in_words(attention),
        repositories=repositories,
        pages=tuple(sorted({row.repository or "" for row in report.repositories if has_page(row)})),
    )


def team_slices(report: CampaignReport, attention: Attention) -> dict[str, TeamSlice]:
    """Return the slice of each team, by team name."""
    contacts = {contact.team: contact for contact in report.contacts}
    dues = _team_dues(attention)
    return {
        row.team or "": TeamSlice(
            row=row,
            starts=report.starts,
            rules=len(report.definition.deprecated),
            weeks=report.team_weeks.get(row.team or "", ()),
            contact=contacts.get(row.team or ""),
            due=dues.get(row.team or ""),
        )
        for row in report.teams
    }


def _team_dues(attention: Attention) -> dict[str, Due]:
    return {part.team: part.due for part in attention.team_parts if part.due is not None}


def repository_slices(report: CampaignReport) -> list[RepositorySlice]:
    """Return the slices of all repositories that have a page."""
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
