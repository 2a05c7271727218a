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
    """The day by which the campaign finishes with this probability; None if the day is after the
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
    """A repository that makes the 50% finish date of a campaign later."""

    repository: str
    open: int
    days: int
    """The number of days by which the date would be earlier without these open items."""


@dataclass(frozen=True, slots=True)
class TeamDelay:
    """A team that makes the 50% finish date of a campaign later."""

    team: str
    open: int
    days: int
    """The number of days by which the date would be earlier without these open items."""


@dataclass(frozen=True, slots=True)
class QuietRepositories:
    """The repositories with open items that have had no commit for a year."""

    repositories: int
    open: int
    since: date
    """The day of the last commit in any of them."""
    share: float
    """The share of the campaign's largest number of open items, from 0 to 1, that will be fixed
    when only these repositories have open items.
    """
    p50: date | None
    """The 50% finish date if these items were exempt; None if it is after the horizon or if nothing
    else is open.
    """


@dataclass(frozen=True, slots=True)
class CampaignForecast:
    """The forecast of a campaign, or of one team or milestone; see docs/forecast.md."""

    campaign: str
    team: str | None
    today: date
    open: int
    """The number of open items today."""
    due: date | None
    """The due date (inclusive)."""
    reason: str | None
    """Why there is no forecast, as a clause; None if there is a forecast."""
    p50: date | None
    """The 50% finish date; None if it is unknown or after the horizon."""
    p85: date | None
    """The 85% finish date; None if it is unknown or after the horizon."""
    horizon: int
    """The number of years from today that the forecast covers."""
    chance: float | None
    """The probability of finishing by the due date, from 0 to 1; None if there is no due date or no
    forecast."""
    pace: float
    """The average number of items fixed per week in the last four weeks."""
    pace_needed: float | None
    """The number of fixes per week needed to meet the due date, including fixes of future items;
    None if no due date is ahead or nothing remains to be fixed.
    """
    growth: float
    """The average growth of the scope, in items per week. The forecast does not extrapolate it."""
    weeks: int
    """The number of weeks of history that the forecast uses."""
    fixing_weeks: int
    """The number of weeks of history with at least one fix."""
    unknown: int
    """The number of unknown repositories, whose items may be out of date."""
    quantiles: tuple[ForecastQuantile, ...]
    fan: tuple[ForecastPoint, ...]
    """The range of open items in each future week, starting today; empty if there is no
    forecast."""
    milestone: str | None = None
    pace_year: float = 0.0
    """The average number of items fixed per week in the last 52 weeks, or in all weeks if there are
    fewer.
    """
    due_moves: int = 0
    """The number of scans that found a changed due date."""
    due_slips: int = 0
    """The number of scans that found a later due date."""
    due_slip_days: int = 0
    """The number of days from the first due date to the current one; negative if the current one is
    earlier.
    """
    definition_changed: tuple[str, ...] = ()
    """The keys of the campaign file whose values have changed since the last scan."""
    residual: int = 0
    """The number of items that may still be open on the finish dates."""
    stall: float | None = None
    """The probability that the campaign stalls for good, that is, never finishes, from 0 to 1; None
    if there is no forecast. The dates apply if it does not stall.
    """
    late_repositories: tuple[RepositoryDelay, ...] = ()
    """The repositories that make the 50% date at least a week later, at most five, longest delay
    first."""
    late_teams: tuple[TeamDelay, ...] = ()
    """The teams that make the 50% date at least a week later, at most five, longest delay first."""
    quiet: QuietRepositories | None = None
    """The repositories without recent commits; None if there are none. Only the forecast of a whole
    campaign contains these and the delays.
    """
    own_campaigns: int = 0
    """The number of the workspace's finished campaigns on which the forecast depends."""


@dataclass(frozen=True, slots=True)
class PastForecastRow:
    """A forecast as of a past day, based only on the history up to that day."""

    said_on: date
    """The day on which the forecast would have been made."""
    p50: date | None
    """The 50% finish date; None if it was after the horizon."""
    p85: date | None
    """The 85% finish date; None if it was after the horizon."""


@dataclass(frozen=True, slots=True)
class ForecastRecord:
    """The past forecasts of a campaign, each based only on the history up to its day."""

    told: tuple[PastForecastRow, ...]
    """The forecasts of the last year or, for a finished campaign, of its whole duration, oldest
    first.
    """
    finished: date | None
    """The last day of the week in which the campaign finished; None while items are open."""
    p50_passed: int
    """The number of forecasts whose 50% finish date passed before the campaign finished."""
    p85_passed: int
    """The number of forecasts whose 85% finish date passed before the campaign finished."""


NO_PAST_FORECASTS = ForecastRecord((), None, 0, 0)
