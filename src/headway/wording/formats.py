"""How values read on a page: plain functions that templates know by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache

from headway.metrics.records import ItemRow
from headway.printable import printable

NOTHING = "–"


def number(value: float | None) -> str:
    """Thousands apart by a thin space, at which no line breaks: `12 345`; at most one decimal."""
    if value is None:
        return NOTHING
    shown = f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 100 else f"{value:,.1f}"
    return shown.replace(",", "\u202f")


def signed(value: float | None) -> str:
    """As `number`, with a plus or a true minus before it; nothing before zero."""
    if value is None:
        return NOTHING
    sign = "+" if value > 0 else "\u2212" if value < 0 else ""
    return sign + number(abs(value))


def percent(value: float | None) -> str:
    """A share as a whole percentage; 100 % only when it is all, 0 % only when it is nothing."""
    if value is None:
        return NOTHING
    rounded = round(value * 100)
    if rounded == 100 and value < 1:
        rounded = 99
    if rounded == 0 and value > 0:
        rounded = 1
    return f"{rounded}\u202f%"


def day(value: date | None) -> str:
    """`2026-06-30` as `30 Jun 2026`, in every locale."""
    if value is None:
        return NOTHING
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def moment(value: datetime | None) -> str:
    """A day and a time in UTC."""
    return NOTHING if value is None else f"{day(value.date())}, {value:%H:%M} UTC"


def ago(value: date | None, today: date) -> str:
    """How long before today, in the unit that says it best."""
    if value is None:
        return NOTHING
    days = (today - (value.date() if isinstance(value, datetime) else value)).days
    if days <= 0:
        return "today"
    for length, unit in ((365, "year"), (30, "month"), (7, "week"), (1, "day")):
        if days >= (2 * length if unit in ("year", "month", "week") else length):
            count = days // length
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return NOTHING


def since(item: ItemRow, today: date) -> tuple[str, str]:
    """How long an item has been there, and since when exactly: `3 months ago` and the moment."""
    return _since(item.opened_at, item.opened_commit, item.opened_before_baseline, today)


@lru_cache(maxsize=1024)
def _since(moment_: datetime, commit: str, before_baseline: bool, today: date) -> tuple[str, str]:
    """What one commit brought is often many items, one after the other."""
    if before_baseline:
        return "since the start", f"there since {day(moment_)} or before"
    return ago(moment_, today), f"{moment(moment_)}, commit {short(commit)}"


def until(value: date | None, today: date) -> str:
    """How long from today: `in 6 weeks`, `today`, `3 days over`."""
    if value is None:
        return NOTHING
    days = (value - today).days
    if days == 0:
        return "today"
    return f"in {length(days)}" if days > 0 else f"{length(-days)} over"


def length(days: int) -> str:
    """So many days in the unit that says it best, begun ones left out: `13 days`, `5 weeks`."""
    if days < 14:
        return plural(days, "day")
    if days < 7 * 26:
        return plural(days // 7, "week")
    return plural(int(days / 30.44), "month") if days <= 365 * 2 else plural(days // 365, "year")


def plural(count: int, one: str, many: str | None = None) -> str:
    """`3 items`, `1 item`."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def shown(value: object) -> str:
    """Any text from outside, with what is invisible or reorders a line made visible."""
    return printable(str(value))


def web(value: str | None) -> str | None:
    """A link only when it leads to the web; anything else, such as `javascript:`, is none."""
    return value if value and value[:8].lower().startswith(("https://", "http://")) else None


def short(commit: str) -> str:
    """The first ten digits of a commit."""
    return commit[:10]


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

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
