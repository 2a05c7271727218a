"""Format numbers, dates and lists of names for use within sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from headway.model.audience import HIDDEN
from headway.wording.formats import number
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
    """Format a count with the matching noun: `1 item`, `1,234 items`, `no items`."""
    word = one if count == 1 else many or f"{one}s"
    return f"{count:,} {word}" if count else f"no {word}"


def verb(count: int, one: str, many: str) -> str:
    """Return the verb form that agrees with a count: `is` for 1, `are` for 0 and 2."""
    return one if count == 1 else many


def rate(value: float) -> str:
    """Format a rate per week. A rate below ten has one decimal place, unless that digit is 0."""
    return number(round(value, 1)) if value < 10 else number(round(value))


def day(value: date, today: date) -> str:
    """Format a date as `3 June`, or as `3 June 2027` if it is not in the current year."""
    shown = f"{value.day}{_NO_BREAK}{_MONTHS[value.month - 1]}"
    return shown if value.year == today.year else f"{shown}{_NO_BREAK}{value.year}"


def span(first: date, last: date) -> str:
    """Format a range of days, both inclusive: `19 to 25 November 2026`."""
    end = f"{last.day} {_MONTHS[last.month - 1]} {last.year}"
    if first == last:
        return end
    if first.year != last.year:
        return f"{first.day} {_MONTHS[first.month - 1]} {first.year} to {end}"
    if first.month != last.month:
        return f"{first.day} {_MONTHS[first.month - 1]} to {end}"
    return f"{first.day} to {end}"


def when(first: date, last: date) -> str:
    """Describe a period as seen from its last day, for example `this week`."""
    days = (last - first).days + 1
    if days == 1:
        return "today"
    if days == 7:
        return "this week"
    if days <= 60:
        return f"in the last {days} days"
    return f"since {day(first, last)}"


def before(first: date, last: date) -> str:
    """Return the day before a period, relative to the period's last day: `a week ago`."""
    days = (last - first).days + 1
    if days == 1:
        return "yesterday"
    if days == 7:
        return "a week ago"
    if days <= 60:
        return f"{days} days ago"
    return f"on {day(first - timedelta(days=1), last)}"


def names(values: Iterable[str], most: int = 3, *, emphatic: bool = False) -> Phrase:
    """Format a list of names: `a, b and 4 others`. Hidden repositories come last, as a count."""
    listed = list(values)
    hidden = listed.count(HIDDEN)
    open_names = [name for name in listed if name != HIDDEN]
    shown: list[Phrase | str] = [
        strong(name) if emphatic else name for name in _first(open_names, most)
    ]
    more = len(open_names) - len(shown)
    if more:
        shown.append(f"{more:,} {'other' if more == 1 else 'others'}")
    if hidden:
        shown.append(
            HIDDEN
            if hidden == 1
            else f"{hidden:,} repositories that some readers are not allowed to see"
        )
    return joined(shown)


def _first(values: Sequence[str], most: int) -> Sequence[str]:
    """Return the first `most` values, or all values if only one would be omitted."""
    return values if len(values) <= most + 1 else values[:most]


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]
