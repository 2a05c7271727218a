"""Numbers, days and lists as a sentence needs them, right for none, one and many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from headway.metrics.audience_policy import HIDDEN
from headway.wording.rich_text import Phrase, joined, strong

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_NO_BREAK = "\u00a0"


def plural(count: int, one: str, many: str | None = None) -> str:
    """`1 item`, `1,234 items`, `no items`."""
    word = one if count == 1 else many or f"{one}s"
    return f"{count:,} {word}" if count else f"no {word}"


def verb(count: int, one: str, many: str) -> str:
    """The form that agrees: `is` for one, `are` for none and many."""
    return one if count == 1 else many


def percent(value: float) -> str:
    """A share as a whole percentage; 100 % only when it is all, 0 % only when it is nothing."""
    rounded = round(value * 100)
    if rounded == 100 and value < 1:
        rounded = 99
    if rounded == 0 and value > 0:
        rounded = 1
    return f"{rounded}{_NO_BREAK}%"


def rate(value: float) -> str:
    """Items a week: one decimal where it tells something."""
    if not value:
        return "none"
    return f"{value:,.1f}" if value < 10 and round(value, 1) % 1 else f"{value:,.0f}"


def signed(count: int) -> str:
    """`+12`, a true minus, `±0`."""
    return f"+{count:,}" if count > 0 else f"\u2212{-count:,}" if count else "±0"


def day(value: date, today: date) -> str:
    """`3 June`, with the year where it is not this one."""
    shown = f"{value.day}{_NO_BREAK}{_MONTHS[value.month - 1]}"
    return shown if value.year == today.year else f"{shown}{_NO_BREAK}{value.year}"


def span(first: date, last: date) -> str:
    """`19 to 25 November 2026`."""
    end = f"{last.day} {_MONTHS[last.month - 1]} {last.year}"
    if first == last:
        return end
    if first.year != last.year:
        return f"{first.day} {_MONTHS[first.month - 1]} {first.year} to {end}"
    if first.month != last.month:
        return f"{first.day} {_MONTHS[first.month - 1]} to {end}"
    return f"{first.day} to {end}"


def length(days: int) -> str:
    """So many days, in the unit that says it best, begun ones left out: `13 days`, `5 weeks`."""
    if days < 14:
        return plural(days, "day")
    if days < 7 * 26:
        return plural(days // 7, "week")
    if days <= 365 * 2:
        return plural(int(days / 30.44), "month")
    return plural(int(days / 365.25), "year")


def when(first: date, last: date) -> str:
    """The days from `first` to `last` as they are spoken of on the last."""
    days = (last - first).days + 1
    if days == 1:
        return "today"
    if days == 7:
        return "this week"
    if days <= 60:
        return f"in the last {days} days"
    return f"since {day(first, last)}"


def before(first: date, last: date) -> str:
    """The day before them."""
    days = (last - first).days + 1
    if days == 1:
        return "yesterday"
    if days == 7:
        return "a week ago"
    if days <= 60:
        return f"{days} days ago"
    return f"on {day(first - timedelta(days=1), last)}"


def names(values: Iterable[str], most: int = 3, *, emphatic: bool = False) -> Phrase:
    """`a, b and 4 others`; hidden names come last, as a number."""
    listed = list(values)
    hidden = listed.count(HIDDEN)
    open_names = [name for name in listed if name != HIDDEN]
    shown: list[Phrase | str] = [
        strong(name) if emphatic else name for name in _few(open_names, most)
    ]
    more = len(open_names) - len(shown)
    if more:
        shown.append(f"{more:,} {'other' if more == 1 else 'others'}")
    if hidden:
        shown.append(HIDDEN if hidden == 1 else f"{hidden:,} repositories that not all may see")
    return joined(shown)


def _few(values: Sequence[str], most: int) -> Sequence[str]:
    """All of them where only one would be left out."""
    return values if len(values) <= most + 1 else values[:most]


def capital(text: str) -> str:
    """As a sentence begins."""
    return text[:1].upper() + text[1:]
