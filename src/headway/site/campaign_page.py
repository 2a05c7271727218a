"""The page of one campaign, and the pages that list its repositories."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from headway.metrics.attention.attention_records import Attention
from headway.metrics.audience_policy import HiddenCounts
from headway.metrics.records import BurndownPoint, CampaignReport, SeriesPoint, StatusRow
from headway.progress.health import STALLED_AFTER_WEEKS
from headway.site.attention_section import need_entries
from headway.site.charts.burndown_chart import (
    BurndownChart,
    BurndownData,
    Layer,
    burndown_chart,
    few_layers,
    ordered_layers,
)
from headway.site.charts.burnup_chart import burnup_chart
from headway.site.charts.drift_chart import drift_chart
from headway.site.charts.flow_chart import flow_chart
from headway.site.charts.sparkline import sparkline
from headway.site.charts.waterfall import waterfalls
from headway.site.pagination import HOME, frame, has_page, link, numbered, paging, repository_entry
from headway.site.template_context.campaign_context import (
    CampaignPage,
    CaptureChart,
    RepositoriesPage,
    RepositoryEntry,
    TeamEntry,
)
from headway.site.verdict import record_in_words, verdict
from headway.urls import (
    campaign_data,
    campaign_file,
    campaign_page,
    feed_file,
    repositories_page,
    team_page,
)
from headway.wording.definition_sentences import definition_change, due_moves
from headway.wording.sentences import capital
from headway.wording.summary_paragraph import paragraph

_FIRST_ROWS = 100
_FIRST_NEEDS = 6
_ROWS_A_PAGE = 600
_MOST_REGRESSED = 50
_MOST_STALLED = 12
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
    "milestones",
    "exemptions",
    "forecasts",
)


def campaign_context(
    answer: CampaignReport, attention: Attention, hidden: HiddenCounts | None
) -> CampaignPage:
    """Return the template context of campaigns/ID/index.html.

    Args:
        answer: The campaign's report, as the audience may see it.
        attention: The changes of the last seven days, and the actions needed.
        hidden: Totals of the repositories that the audience may not see.
    """
    path = campaign_page(answer.campaign)
    rows = affected(answer, path)
    unknown = [row for row in rows if row.status.state == "unknown"]
    known = [row for row in rows if row.status.state != "unknown"]
    stalled = [row for row in known if is_stalled(row.status)]
    more = len(rows) > _FIRST_ROWS
    teams = {row.team or "" for row in answer.teams}
    changed = definition_change(answer.status.definition_changed)
    needs = need_entries([attention], answer.contacts, teams, path)
    return CampaignPage(
        frame=frame(
            answer.title,
            path,
            answer.today,
            _scanned_on(answer),
            feed=(f"{answer.title}: changes", feed_file(answer.campaign)),
        ),
        title=answer.title,
        summary=answer.summary,
        status=answer.status,
        verdict=verdict(answer.status, answer.forecast, answer.starts),
        needs=needs[:_FIRST_NEEDS],
        further_needs=needs[_FIRST_NEEDS:],
        paragraph=paragraph(attention, alone=True),
        definition_change=(changed,) if changed else (),
        due_moves=capital(due_moves(answer.status)),
        forecast=answer.forecast,
        ever=answer.status.state != "no matches",
        milestones=answer.milestones,
        exemptions=answer.exemptions,
        definition=answer.definition,
        starts=answer.starts,
        by_team=_burndown(answer, answer.team_weeks, "other teams"),
        by_team_then=_burndown(answer, answer.team_weeks_then, "other teams")
        if answer.team_weeks_then
        else None,
        by_rule=_burndown(answer, answer.rule_weeks, "other rules")
        if len(answer.definition.deprecated) > 1
        else None,
        captures=tuple(_capture(answer, name) for name in answer.capture_series),
        burnup=burnup_chart(answer.title, answer.weeks),
        flow=flow_chart(answer.weeks),
        record=answer.record,
        record_text=record_in_words(answer.record),
        drift=drift_chart(answer.title, answer.record, answer.due),
        waterfalls=waterfalls(answer.days),
        weeks=tuple(reversed(answer.weeks[-_MOST_WEEKS:])),
        teams=tuple(_team_entry(row, answer, path) for row in _most_left(answer.teams)),
        repositories=tuple(known[:_FIRST_ROWS]),
        all_repositories=link(
            f"All {len(rows)} repositories", repositories_page(answer.campaign), path
        )
        if more
        else None,
        unknown=tuple(unknown[:_FIRST_ROWS]),
        unknown_count=len(unknown),
        regressed=answer.regressed[:_MOST_REGRESSED],
        regressed_count=len(answer.regressed),
        stalled=tuple(stalled[:_MOST_STALLED]),
        stalled_count=len(stalled),
        stalled_after_weeks=STALLED_AFTER_WEEKS,
        hidden=hidden,
        marks=tuple(reversed(answer.marks[-_MOST_MARKS:])),
        more_marks=len(answer.marks[:-_MOST_MARKS]),
        source=link(answer.definition.file.name, campaign_file(answer.campaign), path)
        if answer.definition.file
        else None,
        files=tuple(
            link(f"{table} ({ending.upper()})", campaign_data(answer.campaign, table, ending), path)
            for table in TABLES
            for ending in ("csv", "json")
        ),
    )


def affected(answer: CampaignReport, path: str) -> list[RepositoryEntry]:
    """Repositories that have or had an item, or are unknown; most open items first."""
    rows = [row for row in answer.repositories if has_page(row)]
    rows.sort(key=lambda row: (-row.open, row.state != "incomplete", row.repository or ""))
    return [repository_entry(row, answer, path) for row in rows]


def is_stalled(row: StatusRow) -> bool:
    """Whether a repository is known to have open items, and has stalled."""
    return row.state == "open" and row.health == "stalled"


def repositories_pages(answer: CampaignReport) -> Iterator[RepositoriesPage]:
    """Yield the template contexts of campaigns/ID/repositories.html and its later pages."""
    entries = affected(answer, repositories_page(answer.campaign))
    if len(entries) <= _FIRST_ROWS:
        return
    parts = [entries[at : at + _ROWS_A_PAGE] for at in range(0, len(entries), _ROWS_A_PAGE)]
    for number, part in enumerate(parts, 1):
        path = repositories_page(answer.campaign, number)
        above = (HOME, (answer.title, campaign_page(answer.campaign)))
        yield RepositoriesPage(
            frame=frame(
                numbered("Repositories", number),
                path,
                answer.today,
                _scanned_on(answer),
                above=above,
            ),
            title=answer.title,
            repositories=tuple(part),
            count=len(entries),
            paging=paging(
                number, len(parts), path, lambda page: repositories_page(answer.campaign, page)
            ),
        )


def _scanned_on(report: CampaignReport) -> date | None:
    """The UTC day of the latest scan. A page that showed the time would change with every scan."""
    return report.scanned_at.date() if report.scanned_at is not None else None


def _burndown(
    answer: CampaignReport, parts: Mapping[str, Sequence[BurndownPoint]], rest: str
) -> BurndownChart:
    days = tuple(point.date for point in answer.weeks)
    layers = few_layers(
        [Layer(name, tuple(point.open for point in points)) for name, points in parts.items()],
        rest,
    )
    return burndown_chart(
        BurndownData(
            title=answer.title,
            days=days,
            layers=layers or (Layer("open", tuple(point.open for point in answer.weeks)),),
            exempt=tuple(point.exempt for point in answer.weeks),
            due=answer.due,
            p50=answer.status.p50,
            p85=answer.status.p85,
            fan=answer.forecast.fan,
            flags=_flags(answer),
        )
    )


def _capture(answer: CampaignReport, name: str) -> CaptureChart:
    """A chart with one band for each captured value, in the order of the values."""
    lines = answer.capture_series[name]
    layers = [Layer(_value(line[0]), tuple(point.open for point in line)) for line in lines if line]
    days = tuple(point.date for point in lines[0]) if lines else ()
    exempt = tuple(sum(point.exempt for point in points) for points in zip(*lines, strict=True))
    shown = ordered_layers(layers, "other values")
    data = BurndownData(f"{answer.title}, by {name}", days, shown, exempt)
    return CaptureChart(name, burndown_chart(data))


def _value(point: SeriesPoint) -> str:
    value = "others" if point.value is None else point.value
    return f"{value} (replacement)" if point.role == "replacement" else value


def _flags(answer: CampaignReport) -> tuple[tuple[date, str, str], ...]:
    flags = [(mark.date, mark.text, "mark") for mark in answer.marks]
    flags += [
        (milestone.due, milestone.name, "milestone") for milestone in answer.definition.milestones
    ]
    flags += [(point.date, text, "scope") for point, text in scope_steps(answer.weeks)]
    if answer.due is not None:
        flags.append((answer.due, "due", "due"))
    if answer.weeks and answer.weeks[-1].open:
        flags.append((answer.weeks[-1].date, "today", "today"))
    return tuple(flags)


def scope_steps(weeks: Sequence[BurndownPoint]) -> list[tuple[BurndownPoint, str]]:
    """Weeks in which scope or exemptions changed the open count considerably, and how.

    A considerable change is at least a twentieth of the highest open count, and at least three
    items. The first week is left out, because it is the baseline.
    """
    least = max(max((point.open for point in weeks), default=0) * _STEP, 3)
    found = []
    for point in weeks[1:]:
        parts = [
            f"{words}: {count}"
            for count, words in (
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


def _team_entry(row: StatusRow, answer: CampaignReport, path: str) -> TeamEntry:
    name = row.team or ""
    weeks = answer.team_weeks.get(name, ())
    return TeamEntry(
        name, link(name, team_page(name), path), row, sparkline([point.open for point in weeks])
    )


def _most_left(rows: Sequence[StatusRow]) -> list[StatusRow]:
    return sorted(rows, key=lambda row: (-row.open, row.team or ""))
