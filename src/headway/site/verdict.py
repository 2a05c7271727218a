"""One sentence on how a campaign fares: whether it will be in time, by how much, and why."""

from __future__ import annotations

from datetime import date

from headway.metrics.records import CampaignForecast, ForecastRecord, StatusRow
from headway.wording.formats import ago, day, length, number, percent, plural


def verdict(row: StatusRow, forecast: CampaignForecast, starts: date) -> str:
    """Of a whole campaign. starts: its first day."""
    today = forecast.today
    if row.reason is not None:
        return _sentence(row.reason)
    if row.health == "done":
        return f"Done since {day(row.last_fix)}." if row.last_fix else "There is nothing to change."
    if not row.open:
        return _nothing_open(row)
    if row.health == "stalled":
        quiet = f"Nothing was fixed since {day(starts)}"
        last = f"The last fix was {ago(row.last_fix, today)}" if row.last_fix else quiet
        return f"{last}; {_left(row)}."
    if row.due is not None and row.due < today:
        return f"{_span(row.due, today)} past its date; {_left(row)}."
    if row.horizon is None:
        return _sentence(row.forecast_reason or "not enough history")
    if row.due is None:
        return f"{_end(row)} at {_pace(forecast)}."
    return _against(row, forecast, row.due)


def record_in_words(record: ForecastRecord) -> str | None:
    """How the days that were named earlier have held; None where there is too little to say."""
    count = len(record.told)
    if count < 2:
        return None
    since = day(record.told[0].said_on)
    if record.finished is not None:
        held = percent(1 - record.p85_passed / count), percent(1 - record.p50_passed / count)
        return (
            f"It was over by {day(record.finished)}. Of {count} forecasts since {since}, the 85 % "
            f"day held in {held[0]}, and the 50 % day in {held[1]}."
        )
    if not record.p50_passed:
        return f"None of the days that {count} forecasts since {since} named has passed yet."
    highs = str(record.p85_passed) if record.p85_passed else "none"
    return (
        f"Of {count} forecasts since {since}, the 50 % day of {record.p50_passed} has passed "
        f"without the end, and the 85 % day of {highs}."
    )


def _nothing_open(row: StatusRow) -> str:
    """What is removed is not migrated, and what is unknown is not done."""
    if row.unknown:
        return f"Nothing known is open, but {_repositories(row.unknown)} unknown."
    return (
        f"Nothing is left to remove, but {_repositories(row.incomplete)} without what replaces it."
    )


def _against(row: StatusRow, forecast: CampaignForecast, due: date) -> str:
    """The forecast against a due date that is ahead."""
    if row.health == "on track":
        spare = f", as likely as not with {_span(row.p50, due)} to spare" if row.p50 else ""
        return f"{percent(row.chance)} likely to make its date{spare}."
    takes = f"it takes {number(forecast.pace_needed)} fixes a week and gets {number(forecast.pace)}"
    if forecast.pace_needed is None:
        # no week is left until then
        takes = f"{_left(row)}, and it gets {_pace(forecast)}"
    elif forecast.pace >= forecast.pace_needed:
        takes = "the last four weeks were fast enough, but most before them were not"
    if row.p50 is None or row.p50 > due:
        late = f"{_span(due, row.p50)} late" if row.p50 else "years late"
        return f"As likely as not {late}: {takes}."
    return f"Only {percent(row.chance)} likely to make its date: {takes}."


def _end(row: StatusRow) -> str:
    return f"As likely as not done by {day(row.p50)}" if row.p50 else "Years to go"


def _pace(forecast: CampaignForecast) -> str:
    return f"{number(forecast.pace)} fixes a week"


def _left(row: StatusRow) -> str:
    return f"{plural(row.open, 'item is', 'items are')} left"


def _repositories(count: int) -> str:
    return plural(count, "repository is", "repositories are")


def _span(first: date | None, last: date | None) -> str:
    """`3 weeks`, or days below a fortnight."""
    return length(abs((last - first).days) if first and last else 0)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
