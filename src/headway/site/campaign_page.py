"""Template contexts of a campaign's page and of the pages that list its repositories."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import partial

from headway.metrics.attention.attention_records import Attention
from headway.metrics.audience_policy import HiddenCounts
from headway.metrics.records import BurndownPoint, CampaignReport, StatusRow
from headway.site.attention_section import need_entries
from headway.site.campaign_changes import movers, week_links
from headway.site.campaign_items import FIRST_ITEMS, item_entries
from headway.site.charts.burndown_chart import BurndownChart, burndown_chart
from headway.site.charts.burndown_data import BurndownData, Layer, few_layers
from headway.site.charts.burnup_chart import burnup_chart
from headway.site.charts.capture_chart import capture_chart
from headway.site.charts.flow_chart import flow_chart
from headway.site.charts.past_tracks import past_tracks
from headway.site.charts.sparkline import sparkline
from headway.site.charts.waterfall import waterfalls
from headway.site.pagination import (
    HOME,
    file_links,
    frame,
    has_page,
    link,
    numbered,
    paging,
    repository_entry,
)
from headway.site.template_context.campaign_context import (
    CampaignPage,
    RepositoriesPage,
    RepositoryEntry,
    TeamEntry,
)
from headway.site.verdict import record_in_words, verdict
from headway.urls import (
    campaign_data,
    campaign_file,
    campaign_page,
    changes_page,
    feed_file,
    items_page,
    repositories_page,
    team_page,
)
from headway.wording.definition_sentences import definition_change, due_moves
from headway.wording.forecast_sentences import tail_sentence
from headway.wording.gap_sentences import inexact_numbers
from headway.wording.movements import movement_sentence
from headway.wording.sentences import capital
from headway.wording.summary_paragraph import paragraph

_FIRST_ROWS = 100
_FIRST_NEEDS = 4
_ROWS_A_PAGE = 600
_MOST_MARKS = 60
_MOST_WEEKS = 260
_STEP = 0.05
TABLES = (
    "repositories",
    "teams",
    "burndown",
    "weeks-by-team",
    "weeks-by-team-then",
    "weeks-by-rule",
    "captures",
    "marks",
    "items",
    "changes",
    "milestones",
    "exemptions",
    "forecasts",
)


# This function has more than 50 lines because it fills every field of the context.
def campaign_context(
    report: CampaignReport, attention: Attention, hidden: HiddenCounts | None
) -> CampaignPage:
    """Return the template context of campaigns/ID/index.html.

    Args:
        report: The campaign's report, containing only data that the page's readers are allowed to
            see.
        attention: The changes of the last seven days, and the actions needed.
        hidden: The totals of the repositories that the readers are not allowed to see, or None if
            there are no such repositories.
    """
    path = campaign_page(report.campaign)
    rows = affected(report, path)
    unknown = [row for row in rows if row.status.state == "unknown"]
    known = [row for row in rows if row.status.state != "unknown"]
    more = len(rows) > _FIRST_ROWS
    teams = {row.team or "" for row in report.teams}
    changed = definition_change(report.status.definition_changed)
    periods = waterfalls(report.days)
    needs = need_entries([attention], report.contacts, teams, path)
    return CampaignPage(
        frame=frame(
            report.title,
            path,
            report.today,
            scanned_on(report),
            feed=(f"{report.title}: changes", feed_file(report.campaign)),
        ),
        title=report.title,
        summary=report.summary,
        status=report.status,
        verdict=verdict(report.status, report.forecast),
        week_in_words=(movement_sentence(attention),),
        needs=needs[:_FIRST_NEEDS],
        further_needs=needs[_FIRST_NEEDS:],
        paragraph=paragraph(attention, alone=True),
        definition_change=(changed,) if changed else (),
        due_moves=capital(due_moves(report.status)),
        inexact=capital(inexact_numbers(report.status.inexact)),
        forecast=report.forecast,
        tail=tail_sentence(report.forecast).plain,
        ever=report.status.state != "no matches",
        milestones=report.milestones,
        exemptions=report.exemptions,
        definition=report.definition,
        starts=report.starts,
        by_team=_burndown(report, report.team_weeks, "other teams"),
        by_team_then=_burndown(report, report.team_weeks_then, "other teams")
        if report.team_weeks_then
        else None,
        by_rule=_burndown(report, report.rule_weeks, "other rules")
        if len(report.definition.counted) > 1
        else None,
        captures=tuple(
            capture_chart(report.title, name, lines)
            for name, lines in report.capture_series.items()
        ),
        burnup=burnup_chart(report.title, report.weeks),
        flow=flow_chart(report.weeks),
        record=report.record,
        record_text=record_in_words(report.record),
        past_tracks=past_tracks(
            report.record, report.due, report.status.health, report.status.horizon
        ),
        waterfalls=periods,
        weeks=tuple(reversed(report.weeks[-_MOST_WEEKS:])),
        has_moves=any(week.moved_in or week.moved_out for week in report.weeks[-_MOST_WEEKS:]),
        teams=tuple(_team_entry(row, report, path) for row in _most_left(report.teams)),
        repositories=tuple(known[:_FIRST_ROWS]),
        all_repositories=link(
            f"All {len(rows)} repositories", repositories_page(report.campaign), path
        )
        if more
        else None,
        unknown=tuple(unknown[:_FIRST_ROWS]),
        unknown_count=len(unknown),
        items=item_entries(report.items[:FIRST_ITEMS], path),
        all_items=link("All open items", items_page(report.campaign), path),
        all_changes=link("All changes", changes_page(report.campaign), path),
        week_links=week_links(report, path),
        movers=movers(report, periods, path),
        hidden=hidden,
        marks=tuple(reversed(report.marks[-_MOST_MARKS:])),
        more_marks=len(report.marks[:-_MOST_MARKS]),
        source=link(report.definition.file.name, campaign_file(report.campaign), path)
        if report.definition.file
        else None,
        files=tuple(
            file
            for table in TABLES
            for file in file_links(table, partial(campaign_data, report.campaign, table), path)
        ),
    )


def affected(report: CampaignReport, path: str) -> list[RepositoryEntry]:
    """Return the repositories that have a page, most open items first.

    A repository in scope has a page if it has or had an item, or if its state is unknown.
    """
    rows = [row for row in report.repositories if has_page(row)]
    rows.sort(key=lambda row: (-row.open, row.state != "incomplete", row.repository or ""))
    return [repository_entry(row, report, path) for row in rows]


def repositories_pages(report: CampaignReport) -> Iterator[RepositoriesPage]:
    """Yield the template contexts of campaigns/ID/repositories.html and its further pages.

    Yield nothing if the campaign's own page shows the complete list.
    """
    entries = affected(report, repositories_page(report.campaign))
    if len(entries) <= _FIRST_ROWS:
        return
    parts = [entries[at : at + _ROWS_A_PAGE] for at in range(0, len(entries), _ROWS_A_PAGE)]
    for number, part in enumerate(parts, 1):
        path = repositories_page(report.campaign, number)
        above = (HOME, (report.title, campaign_page(report.campaign)))
        yield RepositoriesPage(
            frame=frame(
                numbered("Repositories", number),
                path,
                report.today,
                scanned_on(report),
                above=above,
            ),
            title=report.title,
            repositories=tuple(part),
            count=len(entries),
            paging=paging(
                number, len(parts), path, lambda page: repositories_page(report.campaign, page)
            ),
        )


def scanned_on(report: CampaignReport) -> date | None:
    """Return the UTC day of the latest scan, or None before the first scan.

    The exact time would make the page differ after every scan.
    """
    return report.scanned_at.date() if report.scanned_at is not None else None


def _burndown(
    report: CampaignReport, parts: Mapping[str, Sequence[BurndownPoint]], rest: str
) -> BurndownChart:
    days = tuple(point.date for point in report.weeks)
    layers = few_layers(
        [Layer(name, tuple(point.open for point in points)) for name, points in parts.items()],
        rest,
    )
    return burndown_chart(
        BurndownData(
            title=report.title,
            days=days,
            layers=layers or (Layer("open", tuple(point.open for point in report.weeks)),),
            exempt=tuple(point.exempt for point in report.weeks),
            due=report.due,
            p50=report.status.p50,
            p85=report.status.p85,
            fan=report.forecast.fan,
            horizon=report.status.horizon,
            flags=_flags(report),
            inexact=tuple((run.first, run.last) for run in report.status.inexact),
        )
    )


def _flags(report: CampaignReport) -> tuple[tuple[date, str, str], ...]:
    flags = [(mark.date, mark.text, "mark") for mark in report.marks]
    flags += [
        (milestone.due, milestone.name, "milestone") for milestone in report.definition.milestones
    ]
    flags += [(point.date, text, "scope") for point, text in scope_steps(report.weeks)]
    if report.due is not None:
        flags.append((report.due, "due", "due"))
    if report.weeks and report.weeks[-1].open:
        flags.append((report.weeks[-1].date, "today", "today"))
    return tuple(flags)


def scope_steps(weeks: Sequence[BurndownPoint]) -> list[tuple[BurndownPoint, str]]:
    """Return the weeks with considerable changes of scope, exemptions or moves.

    Each week has a description of the change. A change is considerable if it affects at least a
    twentieth of the highest open count and at least three items. The first week is omitted, because
    it is the baseline.
    """
    least = max(max((point.open for point in weeks), default=0) * _STEP, 3)
    found = []
    for point in weeks[1:]:
        parts = [
            f"{words}: {count}"
            for count, words in (
                (point.moved_in, "moved in"),
                (point.moved_out, "moved out"),
                (point.scope_added, "scope added"),
                (point.lapsed, "exemptions lapsed"),
                (point.scope_removed, "scope removed"),
                (point.exempted, "newly exempt"),
            )
            if count >= least
        ]
        if parts:
            found.append((point, ", ".join(parts)))
    return found


def _team_entry(row: StatusRow, report: CampaignReport, path: str) -> TeamEntry:
    name = row.team or ""
    weeks = report.team_weeks.get(name, ())
    return TeamEntry(
        name, link(name, team_page(name), path), row, sparkline([point.open for point in weeks])
    )


def _most_left(rows: Sequence[StatusRow]) -> list[StatusRow]:
    return sorted(rows, key=lambda row: (-row.open, row.team or ""))
