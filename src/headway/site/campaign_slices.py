"""Slices of a campaign's report for the index page, team pages and repository pages.

A slice contains exactly the parts of the report that one page shows. The build compares the slices
with those of the last build to decide which pages to render again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from headway.metrics.attention.attention_records import Attention, Due, Held, Need
from headway.metrics.forecast_records import CampaignForecast
from headway.metrics.records import BurndownPoint, CampaignReport, StatusRow, TeamContact
from headway.site.attention_section import briefly, week_in_words
from headway.site.due_dates import items_due
from headway.site.pagination import has_page
from headway.site.template_context.shared_context import ItemsDue
from headway.wording.rich_text import Phrase

_RECENT_DAYS = 8
"""The number of days that the index page needs: a week and the day before it."""


@dataclass(frozen=True, slots=True)
class CampaignSummary:
    """The slice of a campaign's report that the index page shows."""

    status: StatusRow
    starts: date
    forecast: CampaignForecast

    weeks: tuple[BurndownPoint, ...]
    """All weeks of the campaign, oldest first."""

    days: tuple[BurndownPoint, ...]
    """The last seven days and the day before them, oldest first. A young campaign has fewer days.
    """

    teams: tuple[StatusRow, ...]
    team_dues: Mapping[str, Due]
    """Maps each team to the earliest due date of its open items, including milestones."""

    contacts: tuple[TeamContact, ...]

    attention: Attention
    """The changes of the last seven days, without the lists that the index page does not show."""

    week_in_words: tuple[Phrase, ...]
    """Sentences about the last seven days' changes in health, open count and forecast."""

    repositories: Mapping[str, bool]
    """Maps each repository's name to whether its state is known."""

    pages: tuple[str, ...]
    """The names of the repositories that have a page, sorted."""


@dataclass(frozen=True, slots=True)
class TeamSlice:
    """The slice of a campaign's report that a team's pages show."""

    row: StatusRow
    """The status of the team's part of the campaign."""

    starts: date

    rules: int
    """The number of rules in the campaign whose items must be fixed."""

    weeks: tuple[BurndownPoint, ...]
    """The weekly counts of the team's items in the campaign, oldest first."""

    contact: TeamContact | None

    dues: tuple[ItemsDue, ...]
    """The number of the team's open items by due date, earliest date first."""


@dataclass(frozen=True, slots=True)
class TeamNeeds:
    """The actions that one team must take in a campaign, as shown on the team's page.

    The team can own the campaign without ever having had an item in it.
    """

    campaign: str
    title: str
    last: date
    """The day for which the actions were determined."""

    needs: tuple[Need, ...]


@dataclass(frozen=True, slots=True)
class RepositorySlice:
    """The slice of a campaign's report that a repository's pages show."""

    row: StatusRow
    """The status of the repository in the campaign."""

    starts: date

    rules: int
    """The number of rules in the campaign whose items must be fixed."""

    forge: str | None
    """The URL of the repository on its forge, or None if unknown."""

    dues: tuple[ItemsDue, ...]
    """The number of open items by due date, with at most one entry."""


def campaign_summary(report: CampaignReport, attention: Attention) -> CampaignSummary:
    """Return the slice of a campaign's report that the index page shows."""
    repositories: dict[str, bool] = {}
    for row in report.repositories:
        name = row.repository or ""
        # If two repositories have the same name, the name counts as known only if both are known.
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
    """Return the slices of a campaign's report for all teams, by team name."""
    contacts = {contact.team: contact for contact in report.contacts}
    held = {part.team: part.left for part in attention.team_parts}
    return {
        row.team or "": TeamSlice(
            row=row,
            starts=report.starts,
            rules=len(report.definition.counted),
            weeks=report.team_weeks.get(row.team or "", ()),
            contact=contacts.get(row.team or ""),
            dues=items_due(held.get(row.team or "", ())),
        )
        for row in report.teams
    }


def team_needs(attention: Attention) -> dict[str, TeamNeeds]:
    """Group a campaign's actions by the name of the team or person who must take them."""
    found: dict[str, list[Need]] = defaultdict(list)
    for need in attention.needs:
        if need.who is not None:
            found[need.who].append(need)
    return {
        name: TeamNeeds(attention.campaign, attention.title, attention.last, tuple(needs))
        for name, needs in found.items()
    }


def _team_dues(attention: Attention) -> dict[str, Due]:
    return {part.team: part.due for part in attention.team_parts if part.due is not None}


def repository_slices(report: CampaignReport, attention: Attention) -> list[RepositorySlice]:
    """Return the slices of a campaign's report for all repositories that have a page."""
    held: dict[str, list[Held]] = defaultdict(list)
    for part in attention.team_parts:
        for own in part.left:
            held[own.repository].append(own)
    return [
        RepositorySlice(
            row=row,
            starts=report.starts,
            rules=len(report.definition.counted),
            forge=facts.forge if (facts := report.facts.get(row.repository or "")) else None,
            dues=items_due(held.get(row.repository or "", ())),
        )
        for row in report.repositories
        if has_page(row)
    ]
