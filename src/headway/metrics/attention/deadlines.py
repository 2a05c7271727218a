"""What has to be done by when: milestones near, missed or reached, and what is due next."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from headway.metrics.attention.attention_records import Due, Held, MilestoneNews
from headway.metrics.records import StatusRow

SOON = timedelta(weeks=4)


def milestone_news(
    rows: Sequence[StatusRow], done_before: Collection[str | None], today: date, *, began: bool
) -> tuple[MilestoneNews, ...]:
    """What is to be said of milestones, by due date.

    done_before: names of those that were done before the period. began: the campaign began within
    it, so that nobody had reached anything before.
    """
    news = []
    for row in rows:
        if row.health == "done":
            if not began and row.milestone not in done_before and row.fixed:
                news.append(MilestoneNews("reached", row))
        elif row.due is not None and row.due < today:
            news.append(MilestoneNews("missed", row))
        elif row.due is not None and row.due - today <= SOON:
            news.append(MilestoneNews("due soon", row))
    return tuple(news)


def due_next(
    due: date | None, waves: Sequence[tuple[Due, frozenset[str]]], left: Sequence[Held]
) -> Due | None:
    """The earliest day by which something of what is left has to be done; None without any."""
    if not left:
        return None
    held = {each.repository for each in left}
    days = [wave for wave, members in waves if members & held]
    if due is not None:
        days.append(Due(due, None))
    return min(days, key=lambda each: (each.day, each.milestone or ""), default=None)
