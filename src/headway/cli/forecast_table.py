"""The tables of forecasts and backtests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from headway.cli.output import Column
from headway.metrics.serialize import percent
from headway.wording.definition_sentences import due_moves
from headway.wording.forecast_sentences import tail_sentence
from headway.wording.sentences import plural

if TYPE_CHECKING:
    from headway.metrics.forecast_records import CampaignForecast


def _after_horizon(forecast: CampaignForecast) -> str:
    return "–" if forecast.reason else f"after {forecast.today.year + forecast.horizon}"


FORECAST_COLUMNS = (
    Column("open", "open", right=True),
    Column("p50", "P50", when_missing=_after_horizon),
    Column("p85", "P85", when_missing=_after_horizon),
    Column("due", "due"),
    Column("chance", "chance", percent, right=True),
    Column("pace", "per week", right=True),
    Column("pace_needed", "needed", right=True),
    Column("weeks", "weeks", right=True),
)

BACKTEST_COLUMNS = (
    Column("done", "done", lambda share: f"to {percent(share)}", when_missing=lambda _: "all"),
    Column("weeks", "weeks", right=True),
    Column("p50_held", "P50 held", percent, right=True),
    Column("p85_held", "P85 held", percent, right=True),
    Column("in_band", "in band", percent, right=True),
    Column("error", "error", right=True, when_missing=lambda _: "never"),
    Column("average_error", "average", right=True, when_missing=lambda _: "never"),
    Column("least_squares_error", "least sq.", right=True, when_missing=lambda _: "never"),
)


class Fact(NamedTuple):
    """One line in the description of a forecast."""

    name: str
    value: str
    note: str


FACT_COLUMNS = (Column("name", ""), Column("value", ""), Column("note", "", fit="wrap"))

_CHANCE_NOTES = {
    0.15: "start of the likely range",
    0.5: "equally likely to finish earlier or later",
    0.85: "end of the likely range",
}


def facts(forecast: CampaignForecast) -> Iterator[Fact]:
    """Yield the lines that describe a forecast."""
    yield Fact("open", str(forecast.open), f"items on {forecast.today}")
    if forecast.reason:
        yield Fact("forecast", "–", forecast.reason)
    for quantile in forecast.quantiles:
        day = str(quantile.date) if quantile.date else _after_horizon(forecast)
        note = _CHANCE_NOTES.get(quantile.chance, "")
        yield Fact(f"{percent(quantile.chance)} by", day, note)
    if forecast.stall is not None:
        note = "chance of never finishing; the dates exclude this case"
        yield Fact("stall", percent(forecast.stall), note)
    yield from _late(forecast)
    if forecast.due:
        yield Fact("due", str(forecast.due), _due_note(forecast))
    if moves := due_moves(forecast):
        yield Fact("slips", str(forecast.due_slips), moves.removeprefix("due date "))
    yield Fact("throughput", f"{forecast.pace:.1f}", "fixes per week over the last four weeks")
    note = "fixes per week over 52 weeks, or since the first day"
    yield Fact("long term", f"{forecast.pace_year:.1f}", note)
    if forecast.pace_needed is not None:
        note = "fixes per week to meet the due date, with future items"
        yield Fact("needed", f"{forecast.pace_needed:.1f}", note)
    yield Fact(
        "scope growth",
        f"{forecast.growth:+.1f}",
        "items per week from scope changes, not in the forecast",
    )
    yield Fact("history", f"{forecast.weeks} weeks", f"{forecast.fixing_weeks} of them with fixes")
    if forecast.unknown:
        note = "repositories whose items may be out of date"
        yield Fact("unknown", str(forecast.unknown), note)


def _late(forecast: CampaignForecast) -> Iterator[Fact]:
    """Yield the delays, the inactive repositories and the accepted number of open items."""
    for held in forecast.late_repositories:
        yield _delay(held.days, held.open, held.repository)
    for part in forecast.late_teams:
        yield _delay(part.days, part.open, part.team)
    if forecast.quiet:
        yield Fact("no commits", str(forecast.quiet.repositories), tail_sentence(forecast).plain)
    if forecast.quiet and forecast.quiet.p50:
        yield Fact("if exempt", str(forecast.quiet.p50), "50% date without these repositories")
    if forecast.residual and forecast.quantiles:
        yield Fact(
            "left over",
            str(forecast.residual),
            "number of open items at which the campaign is finished",
        )


def _delay(days: int, open_items: int, name: str) -> Fact:
    note = f"added to the 50% date by {plural(open_items, 'open item')} of {name}"
    return Fact("delay", plural(days, "day"), note)


def _due_note(forecast: CampaignForecast) -> str:
    if forecast.chance is not None:
        return f"{percent(forecast.chance)} likely to finish by then"
    return "past" if forecast.due and forecast.due < forecast.today else ""
