"""The pages of teams: everything that is left for one team, across campaigns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from headway.answers.records import CampaignAnswer, ItemRow, StatusRow
from headway.pages.addresses import team_data, team_page
from headway.pages.charts.burndown import (
    BurndownChart,
    BurndownData,
    Layer,
    burndown_chart,
    few_layers,
)
from headway.pages.contexts import CampaignEntry, TeamPage
from headway.pages.lists import (
    campaign_entry,
    campaign_items,
    frame,
    link,
    paged,
    paging,
)

Rows = list[tuple[CampaignAnswer, StatusRow]]


def team_pages(team: str, rows: Rows, items: Sequence[ItemRow], today: date) -> Iterator[TeamPage]:
    """The contexts of all pages of one team.

    rows: of the campaigns that it has or had something of, by due date; these answers know of no
    other team, and of no repository. items: what is left, in the order of those campaigns.
    """
    parts = paged(items)
    count = sum(row.open for _, row in rows)
    for number, part in enumerate(parts, 1):
        path = team_page(team, number)
        yield TeamPage(
            frame=frame([answer for answer, _ in rows], team, path, today),
            name=team,
            campaigns=tuple(_entry(answer, row, team, path) for answer, row in rows),
            left=campaign_items(rows, part, path),
            open=count,
            withheld=max(count - len(items), 0),
            chart=_chart(team, rows) if number == 1 else None,
            paging=paging(number, len(parts), path, lambda each: team_page(team, each)),
            files=tuple(
                link(f"items ({ending.upper()})", team_data(team, ending), path)
                for ending in ("csv", "json")
            ),
        )


def _entry(answer: CampaignAnswer, row: StatusRow, team: str, path: str) -> CampaignEntry:
    weeks = answer.team_weeks.get(team, ())
    last = weeks[-1] if len(weeks) > 1 else None
    week = {name: getattr(last, name) if last else 0 for name in ("fixed", "new", "regressed")}
    return campaign_entry(answer, path, row, weeks, week)


def _chart(team: str, rows: Rows) -> BurndownChart | None:
    """Open items by campaign; a campaign that began later has none before."""
    held: dict[str, Counter[date]] = {}
    exempt: Counter[date] = Counter()
    for answer, _ in rows:
        points = answer.team_weeks.get(team, ())
        held[answer.title] = Counter({point.date: point.open for point in points})
        exempt.update({point.date: point.exempt for point in points})
    days = tuple(sorted({day for counts in held.values() for day in counts}))
    if len(days) < 2:
        return None
    layers = few_layers(
        [Layer(title, tuple(counts[day] for day in days)) for title, counts in held.items()],
        "other campaigns",
    )
    if not layers:
        return None
    return burndown_chart(
        BurndownData(
            title=team,
            days=days,
            layers=layers,
            exempt=tuple(exempt[day] for day in days),
            flags=tuple(
                (answer.starts, f"{answer.title} begins", "milestone")
                for answer, _ in rows
                if answer.starts > days[0]
            ),
        )
    )
