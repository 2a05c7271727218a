"""Find milestones that are due soon, missed or reached, and the next due date of a team."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from headway.metrics.attention.attention_records import Due, Held, MilestoneNews
from headway.metrics.records import StatusRow

DUE_SOON = timedelta(weeks=4)


def milestone_news(
    rows: Sequence[StatusRow], done_before: Collection[str | None], today: date, *, began: bool
) -> tuple[MilestoneNews, ...]:
    """Return the milestones that are due soon, missed or reached, sorted by due date.

    Milestones without data are omitted, such as those of a campaign that was never scanned.

    Args:
        rows: The status of each milestone, sorted by due date.
        done_before: The names of the milestones that were done before the period.
        today: The last day of the period.
        began: Whether the campaign began within the period. If so, no milestone counts as reached.
    """
    news = []
    for row in rows:
        if row.reason is not None:
            # Without data, nobody knows whether anything is left to do.
            continue
        if row.health == "done":
            if not began and row.milestone not in done_before and row.fixed:
                news.append(MilestoneNews("reached", row))
        elif row.health in ("exempt", "no matches"):
            continue
        elif row.due is not None and row.due < today:
            news.append(MilestoneNews("missed", row))
        elif row.due is not None and row.due - today <= DUE_SOON:
            news.append(MilestoneNews("due soon", row))
    return tuple(news)


def next_due(
    due: date | None, milestones: Sequence[tuple[Due, frozenset[str]]], held: Sequence[Held]
) -> Due | None:
    """Return the earliest due date of a team's open items; None without due dates or open items.

    Args:
        due: The campaign's due date.
        milestones: The due date of each milestone, with the names of its repositories.
        held: The team's open items by repository.
    """
    if not held:
        return None
    repositories = {part.repository for part in held}
    dates = [milestone for milestone, members in milestones if members & repositories]
    if due is not None:
        dates.append(Due(due, None))
    return min(dates, key=lambda date_: (date_.day, date_.milestone or ""), default=None)
