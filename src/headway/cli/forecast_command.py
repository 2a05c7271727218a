"""The `headway forecast` command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from headway.cli import session
from headway.cli.options import campaign_argument, format_option, shared_options, team_option
from headway.cli.output import Column, Format, emit
from headway.cli.workspace_store import open_history
from headway.printable import printable

if TYPE_CHECKING:
    from headway.metrics.campaign_forecast import ForecastBy
    from headway.metrics.forecast_records import CampaignForecast
    from headway.metrics.track_record import TrackRecord
    from headway.model.campaign import Campaign


@click.command(name="forecast")
@campaign_argument
@team_option
@click.option(
    "--by", type=click.Choice(["team", "milestone"]), help="Print one row per team or milestone."
)
@click.option(
    "--backtest",
    is_flag=True,
    help="For a completed campaign: compare past forecasts with the actual finish date.",
)
@click.option(
    "--residual",
    metavar="ITEMS",
    type=click.IntRange(min=0),
    help="With --backtest: treat the campaign as completed when at most this many items are open.  "
    "[default: the number of open items if it is at most 5% of its maximum, otherwise 0]",
)
@format_option
@shared_options
def command(
    campaign: str,
    team: str | None,
    by: ForecastBy | None,
    backtest: bool,
    residual: int | None,
    output_format: Format,
) -> None:
    """Forecast when a campaign will finish.

    \b
    P50, P85  dates by which the campaign is 50% and 85% likely to finish,
              unless it stalls for good
    chance    probability of finishing by the due date
    per week  items fixed per week, averaged over the last four weeks
    needed    fixes per week needed to meet the due date, including fixes of
              items that will be added
    weeks     number of weeks of history that the forecast is based on

    --backtest recomputes the forecast of each past week from the history up to that week.
    Its columns:

    \b
    held      share of forecasts whose date was on or after the actual finish
    in band   share of forecasts whose 15% to 85% range contained the finish
    error     median distance between the P50 date and the finish, in weeks
    average, least sq.
              the error of two simpler forecasts: a straight line through
              the first and last counts, and a line fitted by least squares

    JSON and CSV contain every week of a backtest.
    """
    from headway.cli.definition_warnings import warn_of_changes
    from headway.metrics.campaign_forecast import forecasts
    from headway.metrics.track_record import track_record

    _check_options(team, by, residual, backtest=backtest)
    opened = session.open_session()
    chosen = opened.campaign(campaign)
    with open_history(opened.workspace) as store:
        team = opened.team(store, team)
        warn_of_changes(store, [chosen], opened.today)
        if backtest:
            record = track_record(store, chosen, today=opened.today, team=team, residual=residual)
            _emit_backtest(record, team or chosen.id, output_format)
            return
        rows = forecasts(store, chosen, today=opened.today, team=team, by=by)
    if not rows:
        _print_none(chosen, team, by)
    _emit_forecasts(rows, by, output_format)


def _check_options(
    team: str | None, by: str | None, residual: int | None, *, backtest: bool
) -> None:
    if backtest and by is not None:
        raise click.UsageError("--backtest and --by cannot be used together")
    if residual is not None and not backtest:
        raise click.UsageError("--residual requires --backtest")
    if team is not None and by is not None:
        raise click.UsageError("--team and --by cannot be used together")


def _print_none(campaign: Campaign, team: str | None, by: str | None) -> None:
    has_had = f"{printable(team)} has never had" if team else f"no {by} has ever had"
    click.echo(f"{has_had} an item in {campaign.id}", err=True)


def _emit_forecasts(
    rows: Sequence[CampaignForecast], by: ForecastBy | None, output_format: Format
) -> None:
    from headway.cli.forecast_table import FACT_COLUMNS, FORECAST_COLUMNS, facts
    from headway.wording.definition_sentences import due_moves

    if by is None and rows and output_format in ("table", "markdown"):
        emit([fact for row in rows for fact in facts(row)], FACT_COLUMNS, output_format)
        _print_reconciliations(rows)
        return
    emit(rows, (Column(by or "team", by or "team", fit="wrap"), *FORECAST_COLUMNS), output_format)
    if output_format == "table":
        _print_reconciliations(rows)
        for row in rows:
            name = printable(row.team or row.milestone or "")
            if row.reason:
                click.echo(f"{name}: {row.reason}", err=True)
            if row.milestone and (moves := due_moves(row)):
                click.echo(f"{name}: {moves}", err=True)


def _print_reconciliations(rows: Sequence[CampaignForecast]) -> None:
    """Explain rows whose chance and recent throughput appear to be contradictory."""
    from headway.metrics.serialize import percent
    from headway.wording.throughput_sentences import reconciliation

    for row in rows:
        if why := reconciliation(row):
            name = printable(row.team or row.milestone or row.campaign)
            chance = percent(row.chance)
            click.echo(f"{name}: {chance} likely to meet the due date: {why}", err=True)


def _emit_backtest(record: TrackRecord, subject: str, output_format: Format) -> None:
    """Print a backtest. `subject` is the name of its team or campaign."""
    from headway.cli.forecast_table import BACKTEST_COLUMNS

    if output_format in ("json", "csv"):
        emit([record], (), output_format)
        return
    parts = [*record.quarters, *([record.whole] if record.whole else [])]
    emit(parts, BACKTEST_COLUMNS, output_format)
    from headway.wording.formats import plural

    residual = f" (with {record.residual} still open)" if record.residual else ""
    click.echo(
        f"{printable(subject)} finished on {record.finished}{residual}, after "
        f"{plural(record.weeks, 'week')}, of which {record.judged} had enough history for a "
        "forecast",
        err=True,
    )
