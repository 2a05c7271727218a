"""Forecasts use the durations of the workspace's own finished campaigns."""

from __future__ import annotations

import math
from datetime import date

import pytest

from headway.progress.forecast import forecast
from headway.progress.forecast_coefficients import COEFFICIENTS
from headway.progress.forecast_prior import errors_of, weighted_quantiles, with_finished
from headway.progress.weekly_history import History, Week

TODAY = date(2026, 3, 1)


def fixing(weeks: int, open_first: int) -> History:
    """Return the history of a campaign that fixes ten items a week."""
    counts = [max(open_first - 10 * number, 0) for number in range(1, weeks + 1)]
    return History(TODAY, (tuple(Week(0, 10, 0, count) for count in counts),), (open_first,))


def test_fast_campaigns_bring_the_dates_nearer_as_they_accumulate() -> None:
    running, finished = fixing(10, 300), fixing(12, 100)
    dates = [
        forecast(running, prior=with_finished([finished] * count)).p50 for count in (0, 1, 5, 50)
    ]
    assert None not in dates
    assert dates == sorted(dates, key=lambda day: day or date.max, reverse=True)
    assert len(set(dates)) == len(dates)


def test_the_number_of_own_campaigns_is_recorded() -> None:
    assert with_finished([fixing(12, 100), fixing(5, 100)]).own == 1
    assert with_finished([fixing(5, 100)]) is COEFFICIENTS


def test_an_error_compares_the_remaining_weeks_with_the_expected_ones() -> None:
    # The campaign begins in the first week, and finishes when 2 of 100 items are open.
    prior = COEFFICIENTS._replace(lower_age=0.0, upper_age=0.0)
    found = errors_of(fixing(12, 100), prior)
    share = (90 - 2) / 100
    assert len(found) == 3
    assert found[0] == pytest.approx(math.log(9) - COEFFICIENTS.share * math.log(share))


def test_quantiles_depend_on_weights() -> None:
    assert weighted_quantiles([(1.0, 1), (2.0, 1)])[48:51] == (1.0, 1.0, 2.0)
    assert weighted_quantiles([(1.0, 1), (2.0, 9)])[9:11] == (1.0, 2.0)
