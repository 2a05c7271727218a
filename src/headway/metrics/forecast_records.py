"""Records of a campaign's current forecast and of its past forecasts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class ForecastQuantile:
    """A finish date, and the probability of finishing by that date."""

    chance: float
    """The probability, from 0 to 1."""
    date: date | None
    """The day by which the campaign finishes with this probability, or None if the day is after the
    horizon.
    """


@dataclass(frozen=True, slots=True)
class ForecastPoint:
    """The range of open items at the end of a future day."""

    date: date
    low: int
    """The open items on a straight line from today to the 15% finish date."""
    median: int
    """The open items on a straight line from today to the 50% finish date."""
    high: int
    """The open items on a straight line from today to the 85% finish date."""


@dataclass(frozen=True, slots=True)
class RepositoryDelay:
    """A repository that delays a campaign's 50% finish date."""

    repository: str
    open: int
    days: int
    """How many days earlier the date would be without the repository's open items."""


@dataclass(frozen=True, slots=True)
class TeamDelay:
    """A team that delays a campaign's 50% finish date."""

    team: str
    open: int
    days: int
    """How many days earlier the date would be without the team's open items."""


@dataclass(frozen=True, slots=True)
class QuietRepositories:
    """The repositories with open items and no commits for a year."""

    repositories: int
    open: int
    since: date
    """The day of the last commit in any of them."""
    share: float
    """The share of the campaign's peak open count, from 0 to 1, that is fixed when only these
    repositories still have open items.
    """
    p50: date | None
    """The 50% finish date if the items in these repositories were exempt. None if the date is
    unknown or after the horizon, or if no other items are open.
    """


@dataclass(frozen=True, slots=True)
class CampaignForecast:
    """The forecast of a campaign, or of one team or milestone. See docs/forecast.md."""

    campaign: str
    team: str | None
    today: date
    open: int
    """The number of open items today."""
    due: date | None
    """The due date (inclusive)."""
    reason: str | None
    """The reason for a missing forecast, as a clause, or None if the forecast exists."""
    p50: date | None
    """The 50% finish date, or None if it is unknown or after the horizon."""
    p85: date | None
    """The 85% finish date, or None if it is unknown or after the horizon."""
    horizon: int
    """The number of years from today that the forecast covers."""
    chance: float | None
    """The probability of finishing by the due date, from 0 to 1, or None if the due date or the
    forecast is missing.
    """
    pace: float
    """The average number of items fixed per week in the last four weeks."""
    pace_needed: float | None
    """The number of fixes per week needed to meet the due date, including fixes of future items.
    None if the due date is not in the future or no items remain.
    """
    growth: float
    """The average growth of the scope, in items per week. The forecast does not extrapolate it."""
    weeks: int
    """The number of weeks of history that the forecast uses."""
    fixing_weeks: int
    """The number of weeks of history with at least one fix."""
    unknown: int
    """The number of unknown repositories. Their items may be out of date."""
    quantiles: tuple[ForecastQuantile, ...]
    fan: tuple[ForecastPoint, ...]
    """The ranges of open items today and on later days, at most 61 in total. Empty if the forecast
    is missing or the ranges were not requested.
    """
    milestone: str | None = None
    pace_year: float = 0.0
    """The average number of items fixed per week in the last 52 weeks, or in all weeks if there are
    fewer.
    """
    due_moves: int = 0
    """The number of times that scans found a changed due date."""
    due_slips: int = 0
    """The number of times that scans found a later due date."""
    due_slip_days: int = 0
    """The number of days from the first due date to the current one. It is negative if the current
    one is earlier.
    """
    definition_changed: tuple[str, ...] = ()
    """The keys of the campaign file whose values have changed since the last scan."""
    residual: int = 0
    """The number of items that may still be open on the finish dates."""
    stall: float | None = None
    """The probability, from 0 to 1, that the campaign stalls for good and never finishes. None if
    the forecast is missing. The dates assume that the campaign does not stall.
    """
    late_repositories: tuple[RepositoryDelay, ...] = ()
    """Up to five repositories that delay the 50% date by at least a week, longest delay first."""
    late_teams: tuple[TeamDelay, ...] = ()
    """Up to five teams that delay the 50% date by at least a week, longest delay first."""
    quiet: QuietRepositories | None = None
    """The repositories without recent commits, or None if there are none. Only the forecast of a
    whole campaign contains them and the delays.
    """
    own_campaigns: int = 0
    """The number of the workspace's finished campaigns that the forecast is based on."""


@dataclass(frozen=True, slots=True)
class PastForecastRow:
    """A forecast as of a past day, based only on the history up to that day."""

    said_on: date
    """The day of the forecast."""
    p50: date | None
    """The 50% finish date, or None if it was after the horizon."""
    p85: date | None
    """The 85% finish date, or None if it was after the horizon."""


@dataclass(frozen=True, slots=True)
class ForecastRecord:
    """The past forecasts of a campaign, each based only on the history up to its day."""

    told: tuple[PastForecastRow, ...]
    """The forecasts of the last year or, for a finished campaign, of its whole duration, oldest
    first.
    """
    finished: date | None
    """The last day of the week in which the campaign finished, or None while items are open."""
    p50_passed: int
    """The number of forecasts whose 50% finish date passed before the campaign finished."""
    p85_passed: int
    """The number of forecasts whose 85% finish date passed before the campaign finished."""


NO_PAST_FORECASTS = ForecastRecord((), None, 0, 0)
