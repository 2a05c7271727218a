"""Sentences on changes of a campaign's definition."""

from __future__ import annotations

from collections.abc import Sequence

from headway.metrics.records import CampaignForecast, StatusRow
from headway.wording.formats import length, plural
from headway.wording.rich_text import Phrase, code, say


def due_moves(row: StatusRow | CampaignForecast) -> str:
    """How often and how far the due date has moved, as a clause; empty if it never did.

    For example `due date moved 2 times, 12 months later than first set`.
    """
    if not row.due_moves:
        return ""
    times = "once" if row.due_moves == 1 else plural(row.due_moves, "time")
    if row.due is None:
        return f"due date moved {times}, then removed"
    if not row.due_slip_days:
        return f"due date moved {times}, now as first set"
    direction = "later" if row.due_slip_days > 0 else "earlier"
    return f"due date moved {times}, {length(abs(row.due_slip_days))} {direction} than first set"


def definition_change(keys: Sequence[str]) -> Phrase:
    """A sentence where the definition is newer than the numbers; empty where it is not.

    keys: Keys of the campaign file whose values have changed since the last scan.
    """
    if not keys:
        return Phrase()
    return say(
        "The definition has changed since the last scan ({keys}); run {command} to update the "
        "numbers.",
        keys=", ".join(keys),
        command=code("headway scan"),
    )
