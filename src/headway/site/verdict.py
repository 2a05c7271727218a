"""Sentences that state the outlook of a campaign, and the accuracy of its earlier forecasts."""

from __future__ import annotations

from datetime import date

from headway.metrics.forecast_records import CampaignForecast, ForecastRecord
from headway.metrics.records import StatusRow
from headway.progress.health import is_likely
from headway.wording.formats import day, length, number, percent, plural
from headway.wording.throughput_sentences import reconciliation

_STEADY_DAYS = 14
"""The number of days below which a change of the finish date counts as small."""


def verdict(row: StatusRow, forecast: CampaignForecast) -> str:
    """Return a sentence that states the campaign's outlook.

    For example, the sentence says how likely the campaign is to meet its due date and why, or that
    the campaign is done, stalled or overdue.
    """
    today = forecast.today
    if row.reason is not None:
        return _sentence(row.reason)
    if row.health == "done":
        return f"Done since {day(row.last_fix)}." if row.last_fix else "Nothing had to change."
    if row.health == "no matches":
        unread = " in the versions of files that could be read" if row.inexact else ""
        return f"No rule has ever matched anything{unread}."
    if row.health == "exempt":
        return f"No open items, but {plural(row.exempt, 'item is', 'items are')} exempt."
    if not row.open:
        return _nothing_open(row)
    if row.health == "stalled":
        fixes = f"no fixes since {day(row.last_fix)}" if row.last_fix else "no fixes yet"
        return f"Stalled: {_open(row)}, {fixes}{_if_resumed(row)}."
    if row.due is not None and row.due < today:
        return f"{_span(row.due, today)} overdue, with {_open(row)}."
    if row.horizon is None:
        return _no_forecast(row)
    if row.due is None:
        return f"{_finish(row)}, averaging {_throughput(forecast)}."
    return _against_due_date(row, forecast, row.due)


def record_in_words(record: ForecastRecord) -> str | None:
    """Describe the accuracy of earlier forecasts. Return None for fewer than two forecasts."""
    count = len(record.told)
    if count < 2:
        return None
    since = day(record.told[0].said_on)
    if record.finished is not None:
        met = percent(1 - record.p85_passed / count), percent(1 - record.p50_passed / count)
        return (
            f"The campaign finished by {day(record.finished)}. It met the 85% date in {met[0]} of "
            f"the {count} forecasts since {since}, and the 50% date in {met[1]}."
        )
    moved = _moved(record)
    if not record.p50_passed:
        return moved
    return (
        f"{moved} Of {count} forecasts since {since}, {record.p50_passed} gave a 50% date that has "
        f"already passed, and {record.p85_passed or 'none'} gave an 85% date that has already "
        "passed."
    )


def _moved(record: ForecastRecord) -> str:
    """State how far the 50% date has moved since the first of the past forecasts."""
    first, last = record.told[0], record.told[-1]
    since = f"Since {day(first.said_on)}, the 50% date"
    if first.p50 is None or last.p50 is None:
        if first.p50 == last.p50:
            return f"{since} has always been too far away to predict."
        end = last.p50 or first.p50
        change = (
            "has come into the range of the forecast"
            if last.p50
            else "has moved out of the range of the forecast"
        )
        return f"{since} {change}: it {'is now' if last.p50 else 'was'} {day(end)}."
    days = (last.p50 - first.p50).days
    if not days:
        return f"{since} has stayed at {day(first.p50)}."
    if abs(days) < _STEADY_DAYS:
        return f"{since} has hardly moved: it was {day(first.p50)}, and is now {day(last.p50)}."
    direction = "later" if days > 0 else "earlier"
    return (
        f"{since} has moved {length(abs(days))} {direction}, from {day(first.p50)} to "
        f"{day(last.p50)}."
    )


def _if_resumed(row: StatusRow) -> str:
    """Return a clause that qualifies a stalled campaign's good chance, or an empty string."""
    if row.chance is None or not is_likely(row.chance):
        return ""
    return f"; {percent(row.chance)} likely to meet the due date only if work resumes"


def _nothing_open(row: StatusRow) -> str:
    """Return the sentence for a campaign that is not done although it has no open items."""
    if row.unknown:
        unread = plural(row.unknown, "repository", "repositories")
        return f"No known open items, but the state of {unread} is unknown."
    lacking = _repositories(row.incomplete, "lacks", "lack")
    return f"Nothing left to remove, but {lacking} what is required."


def _no_forecast(row: StatusRow) -> str:
    reason = row.forecast_reason or "not enough history"
    return f"No forecast yet ({reason})."


def _against_due_date(row: StatusRow, forecast: CampaignForecast, due: date) -> str:
    """Compare the forecast with a due date that has not passed."""
    why = reconciliation(forecast)
    if row.health == "on track":
        early = row.p50 is not None and row.p50 <= due
        spare = f", probably {_span(row.p50, due)} early" if early else ""
        reason = f": {why}" if why else ""
        return f"{percent(row.chance)} likely to meet the due date{spare}{reason}."
    if forecast.pace_needed is None:
        # No rate is required if the campaign is due today or no more fixes are needed.
        reason = f"{_open(row)}, averaging {_throughput(forecast)}"
    else:
        reason = why or (
            f"needs {number(forecast.pace_needed)} fixes per week, "
            f"averaging {number(forecast.pace)}"
        )
    if row.p50 is None or row.p50 > due:
        late = f"{_span(due, row.p50)} late" if row.p50 else "years late"
        return f"Likely {late}: {reason}."
    only = "" if row.chance is not None and is_likely(row.chance) else "Only "
    return f"{only}{percent(row.chance)} likely to meet the due date: {reason}."


def _finish(row: StatusRow) -> str:
    if row.p50 is None:
        return "Likely to take years"
    return f"Unless it stalls for good, 50% likely to finish by {day(row.p50)}"


def _throughput(forecast: CampaignForecast) -> str:
    return f"{number(forecast.pace)} fixes per week"


def _open(row: StatusRow) -> str:
    return plural(row.open, "open item")


def _repositories(count: int, one: str, several: str) -> str:
    return plural(count, f"repository {one}", f"repositories {several}")


def _span(first: date | None, last: date | None) -> str:
    """Return the time between two days as `3 weeks`, or in days below two weeks."""
    return length(abs((last - first).days) if first and last else 0)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
