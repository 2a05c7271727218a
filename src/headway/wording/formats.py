"""Template filters: plain functions that format values for pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache

from headway.metrics.records import ItemRow
from headway.metrics.serialize import percent as percent  # This function is also a template filter.
from headway.model.days import day_text
from headway.printable import printable

NO_DATA = "–"
"""The text for an unknown value. Zero is shown as `0`."""


def number(value: float | None) -> str:
    """Format a number with thousands separators and at most one decimal place: `12,345`."""
    if value is None:
        return NO_DATA
    return f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 100 else f"{value:,.1f}"


def signed(value: float | None) -> str:
    """Format a number with a plus or a Unicode minus sign. Zero has no sign."""
    if value is None:
        return NO_DATA
    sign = "+" if value > 0 else "\u2212" if value < 0 else ""
    return sign + number(abs(value))


def day(value: date | None) -> str:
    """Format a date, regardless of the locale: `30 Jun 2026`."""
    if value is None:
        return NO_DATA
    return day_text(value)


def moment(value: datetime | None) -> str:
    """Format a date and time in UTC: `30 Jun 2026, 14:05 UTC`."""
    return (
        NO_DATA if value is None else f"{day(value.date())}, {value.hour:02}:{value.minute:02} UTC"
    )


# Cached, because a site shows the same days many times.
@lru_cache(maxsize=4096)
def ago(value: date | None, today: date) -> str:
    """Format the time from a past day to today, in a suitable unit: `3 weeks ago`."""
    if value is None:
        return NO_DATA
    days = (today - (value.date() if isinstance(value, datetime) else value)).days
    if days <= 0:
        return "today"
    for unit_days, unit in ((365, "year"), (30, "month"), (7, "week")):
        if days >= 2 * unit_days:
            return f"{plural(days // unit_days, unit)} ago"
    return f"{plural(days, 'day')} ago"


def since(item: ItemRow, today: date) -> tuple[str, str]:
    """Return an item's age, and a tooltip with the time and commit of its opening."""
    return _since(item.opened_at, item.opened_commit, item.opened_before_baseline, today)


# Cached, because a single commit often opens many items in a row.
@lru_cache(maxsize=1024)
def _since(opened_at: datetime, commit: str, before_baseline: bool, today: date) -> tuple[str, str]:
    if before_baseline:
        return f"{day(opened_at)} or earlier", f"in the first scanned commit, {short(commit)}"
    return ago(opened_at.date(), today), f"{moment(opened_at)}, commit {short(commit)}"


def until(value: date | None, today: date) -> str:
    """Format the time from today to a due date: `in 6 weeks`, `today` or `3 days overdue`."""
    if value is None:
        return NO_DATA
    days = (value - today).days
    if days == 0:
        return "today"
    return f"in {length(days)}" if days > 0 else f"{length(-days)} overdue"


def length(days: int) -> str:
    """Format a number of days in a suitable unit, rounded down: `13 days`, `5 weeks`."""
    if days < 14:
        return plural(days, "day")
    if days < 7 * 26:
        return plural(days // 7, "week")
    if days <= 365 * 2:
        return plural(days * 12 // 365, "month")
    return plural(int(days / 365.25), "year")


def plural(count: int, one: str, many: str | None = None) -> str:
    """Format a count with the matching noun: `3 items`, `1 item`, `0 items`."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def shown(value: object) -> str:
    """Return untrusted text with escapes for invisible and text-reordering characters."""
    return printable(str(value))


def web(value: str | None) -> str | None:
    """Return an http or https URL, or None for other URLs, such as `javascript:` URLs."""
    return value if value and value[:8].lower().startswith(("https://", "http://")) else None


def short(commit: str) -> str:
    """Return the first ten digits of a commit ID."""
    return commit[:10]


FILTERS: Mapping[str, Callable[..., object]] = {
    "ago": ago,
    "day": day,
    "moment": moment,
    "number": number,
    "percent": percent,
    "plural": plural,
    "short": short,
    "shown": shown,
    "signed": signed,
    "since": since,
    "until": until,
    "web": web,
}
