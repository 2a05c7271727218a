"""Find milestones that are due soon, missed or reached, and the next due date of a team."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from operator import attrgetter

from headway.metrics.attention.attention_records import Due, Held, MilestoneNews
from headway.metrics.records import StatusRow

DUE_SOON = timedelta(weeks=4)


def milestone_news(
    rows: Sequence[StatusRow], done_before: Collection[str | None], today: date, *, began: bool
) -> tuple[MilestoneNews, ...]:
    """Return the milestones that are due soon, missed or reached, sorted by due date.

    Milestones without data, such as those of a campaign that was never scanned, are omitted.

    Args:
        rows: The status of each milestone, sorted by due date.
        done_before: The names of the milestones that were done before the period.
        today: The last day of the period.
        began: Whether the campaign began within the period. If so, no milestone counts as reached.
    """
    news = []
    for row in rows:
        if row.reason is not None:
            # Without data, it is unknown whether anything remains to be done.
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


def earliest_milestones(
    milestones: Sequence[tuple[Due, frozenset[str]]],
) -> dict[str, Due]:
    """Map each repository in a milestone to the earliest due date of its milestones.

    Args:
        milestones: The due date of each milestone, with the names of its repositories.
    """
    found: dict[str, Due] = {}
    for due, members in sorted(milestones, key=lambda milestone: milestone[0].order):
        found |= {name: due for name in members if name not in found}
    return found


def with_due_dates(
    held: Sequence[Held], due: date | None, milestones: Mapping[str, Due]
) -> tuple[Held, ...]:
    """Add the earliest due date to a team's open items in each repository.

    Args:
        held: The team's open items by repository.
        due: The campaign's due date.
        milestones: The result of `earliest_milestones`.
    """
    own = Due(due, None) if due is not None else None
    return tuple(
        replace(part, due=_earliest([milestones.get(part.repository), own])) for part in held
    )


def next_due(held: Sequence[Held]) -> Due | None:
    """Return the earliest due date of a team's open items, or None if they have none.

    Args:
        held: The result of `with_due_dates`.
    """
    return _earliest([part.due for part in held])


def _earliest(dues: Sequence[Due | None]) -> Due | None:
    return min((due for due in dues if due is not None), key=attrgetter("order"), default=None)
