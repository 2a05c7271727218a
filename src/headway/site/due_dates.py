"""The due dates of a team's or repository's open items. They can differ within a campaign.

A milestone covers some of a campaign's repositories, so only their items are due with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Protocol, TypeVar

from headway.metrics.attention.attention_records import Due, Held
from headway.metrics.records import ItemRow, StatusRow
from headway.site.template_context.shared_context import ItemsDue
from headway.wording.formats import day, plural, until

_MOST_DATES = 3


class DatedPart(Protocol):
    """One team's or repository's part of a campaign."""

    @property
    def row(self) -> StatusRow:
        """The status of this part of the campaign, with the campaign's due date."""

    @property
    def dues(self) -> tuple[ItemsDue, ...]:
        """The number of open items by due date, earliest date first. Empty without open items."""


_Part = TypeVar("_Part", bound=DatedPart)


def items_due(held: Iterable[Held]) -> tuple[ItemsDue, ...]:
    """Count open items by due date, earliest first. Items without a due date come last."""
    counts: Counter[Due | None] = Counter()
    for part in held:
        counts[part.due] += part.open
    return tuple(
        ItemsDue(due.day if due else None, due.milestone if due else None, count)
        for due, count in sorted(counts.items(), key=lambda entry: _order(entry[0]))
    )


def _order(due: Due | None) -> tuple[date, str]:
    return due.order if due else (date.max, "")


def dated(part: DatedPart) -> StatusRow:
    """Return the part's status, with its due date set to the earliest one of the open items.

    If no items are open, the status is unchanged.
    """
    if not part.dues:
        return part.row
    return part.row._replace(due=part.dues[0].day, milestone=part.dues[0].milestone)


def by_due(parts: Sequence[_Part]) -> list[_Part]:
    """Sort parts of campaigns: earliest due date first, parts without open items last."""
    return sorted(parts, key=_urgency)


def _urgency(part: DatedPart) -> tuple[Any, ...]:
    row = dated(part)
    return not part.dues, row.due or date.max, row.title, row.campaign


def in_order(items: Sequence[ItemRow], parts: Sequence[DatedPart]) -> list[ItemRow]:
    """Group items by campaign, in the order of `parts`. Keep their order within a campaign."""
    places = {part.row.campaign: place for place, part in enumerate(parts)}
    return sorted(items, key=lambda item: places[item.campaign])


def due_text(dues: Sequence[ItemsDue], today: date) -> str:
    """Return the due dates of a campaign's open items in words, or an empty string.

    For example, `30 Dec 2026 for APIs (2 items), in 4 weeks; 8 Jun 2027 for the rest`.
    """
    if not dues or dues[0].day is None:
        return ""
    texts = [_date_text(due, dues) for due in dues[:_MOST_DATES]]
    texts[0] += f", {until(dues[0].day, today)}"
    later = sum(due.items for due in dues[_MOST_DATES:])
    if later:
        texts.append(f"later for {plural(later, 'item')}")
    return "; ".join(texts)


def _date_text(due: ItemsDue, dues: Sequence[ItemsDue]) -> str:
    """Return one of several due dates in words."""
    text = day(due.day) if due.day is not None else "no due date"
    if due.milestone is not None:
        text += f" for {due.milestone}"
        return f"{text} ({plural(due.items, 'item')})" if len(dues) > 1 else text
    return f"{text} for the rest" if len(dues) > 1 else text
