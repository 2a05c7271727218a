"""Sentences about changes to a campaign's definition."""

from __future__ import annotations

from collections.abc import Sequence

from headway.metrics.forecast_records import CampaignForecast
from headway.metrics.records import StatusRow
from headway.wording.formats import length, plural
from headway.wording.rich_text import Phrase, code, say


def due_moves(row: StatusRow | CampaignForecast) -> str:
    """Describe how often and how far the due date has moved.

    For example, `due date moved 2 times, 12 months later than first set`. The result is empty if
    the due date has never moved.
    """
    if not row.due_moves:
        return ""
    times = "once" if row.due_moves == 1 else plural(row.due_moves, "time")
    if row.due is None:
        return f"due date was moved {times} and then removed"
    if not row.due_slip_days:
        return f"due date moved {times}, now back to the first date"
    direction = "later" if row.due_slip_days > 0 else "earlier"
    return f"due date moved {times}, {length(abs(row.due_slip_days))} {direction} than first set"


def definition_change(keys: Sequence[str]) -> Phrase:
    """Return a warning if the definition has changed since the last scan.

    Args:
        keys: The keys of the campaign file whose values have changed.
    """
    if not keys:
        return Phrase()
    return say(
        "The definition has changed since the last scan ({keys}); run {command} to update the "
        "numbers.",
        keys=", ".join(keys),
        command=code("headway scan"),
    )
