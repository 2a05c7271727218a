"""Small charts of past forecasts on one time scale, which show changes of the finish date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from headway.metrics.forecast_records import ForecastRecord, PastForecastRow
from headway.progress.state import Health
from headway.site.charts.timeline import Timeline, Track, timeline, track

_AGES = (0, 30, 91, 182, 365)
"""The ages of the forecasts to show, in days."""


@dataclass(frozen=True, slots=True)
class PastTrack:
    """The chart of a past forecast: a bar from the day of the forecast to its finish dates."""

    forecast: PastForecastRow
    track: Track


@dataclass(frozen=True, slots=True)
class PastTracks:
    """The charts of a campaign's past forecasts, on one time scale."""

    scale: Timeline
    tracks: tuple[PastTrack, ...]
    """The charts, oldest forecast first. The last one is the latest forecast."""


class _Row(NamedTuple):
    """The data in the chart of a forecast."""

    health: Health
    due: date | None
    p50: date | None
    p85: date | None
    horizon: date | None


def past_tracks(
    record: ForecastRecord, due: date | None, health: Health, horizon: date | None
) -> PastTracks | None:
    """Draw up to five past forecasts, or return None if they cannot be compared.

    The result is None if there are fewer than two forecasts, the campaign is finished, there is no
    current forecast, or neither the due date nor any 50% date is after the first forecast.

    Args:
        record: The campaign's past forecasts.
        due: The campaign's due date.
        health: The campaign's health, which selects the colour.
        horizon: The last day that the current forecast covers, or None without a forecast.
    """
    chosen = chosen_forecasts(record.told)
    if len(chosen) < 2 or record.finished is not None or horizon is None:
        return None
    rows = [_Row(health, due, forecast.p50, forecast.p85, horizon) for forecast in chosen]
    scale = timeline(rows, chosen[0].said_on)
    if scale is None:
        return None
    drawn = [
        (forecast, track(row, scale, forecast.said_on))
        for forecast, row in zip(chosen, rows, strict=True)
    ]
    return PastTracks(scale, tuple(PastTrack(past, chart) for past, chart in drawn if chart))


def chosen_forecasts(told: Sequence[PastForecastRow]) -> list[PastForecastRow]:
    """Return the latest forecast, and the ones about 1, 3, 6 and 12 months older."""
    if not told:
        return []
    latest = told[-1].said_on
    chosen = {
        min(told, key=lambda past: abs((latest - past.said_on) - timedelta(days=age))).said_on
        for age in _AGES
    }
    return [past for past in told if past.said_on in chosen]
