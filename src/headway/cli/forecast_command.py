"""`headway forecast`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import click

from headway.cli import session
from headway.cli.application import shared_options
from headway.cli.output import Column, Format, emit, format_option
from headway.metrics.serialize import percent
from headway.printable import printable

if TYPE_CHECKING:
    from headway.metrics.campaign_forecast import ForecastBy
    from headway.metrics.records import CampaignForecast
    from headway.model.campaign import Campaign
    from headway.store.store_reader import Store


class _Fact(NamedTuple):
    """One line about one forecast."""

    name: str
    value: str
    note: str


def _later(answer: CampaignForecast) -> str:
    """Where a day is missing although something can be said, it lies behind the horizon."""
    return "–" if answer.reason else f"after {answer.today.year + answer.horizon}"


_FACTS = (Column("name", ""), Column("value", ""), Column("note", ""))
_ROWS = (
    Column("open", "open", right=True),
    Column("p50", "50 %", instead=_later),
    Column("p85", "85 %", instead=_later),
    Column("due", "due"),
    Column("chance", "chance", percent, right=True),
    Column("pace", "a week", right=True),
    Column("pace_needed", "needed", right=True),
    Column("weeks", "weeks", right=True),
)


_PARTS = (
    Column("done", "done", lambda share: f"to {percent(share)}", instead=lambda _: "all"),
    Column("weeks", "weeks", right=True),
    Column("p50_held", "50 % held", percent, right=True),
    Column("p85_held", "85 % held", percent, right=True),
    Column("in_band", "in band", percent, right=True),
    Column("error", "error", right=True, instead=lambda _: "never"),
    Column("average_error", "average", right=True, instead=lambda _: "never"),
    Column("least_squares_error", "least sq.", right=True, instead=lambda _: "never"),
)


@click.command(name="forecast")
@click.argument("campaign")
@click.option("--team", metavar="NAME", help="Only what this team has.")
@click.option("--by", type=click.Choice(["team", "milestone"]), help="One row for each of these.")
@click.option(
    "--backtest",
    is_flag=True,
    help="Of a campaign that is over: how well its forecasts would have done.",
)
@click.option(
    "--residual",
    metavar="ITEMS",
    type=click.IntRange(min=0),
    help="With --backtest: it is over when so many are left.  [default: 0, or those left if few]",
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
    """Show when a campaign ends, as a distribution.

    50 %: the day by which it ends with that chance, by what its own weeks have looked like.
    chance: of ending by the due date. a week: items fixed a week, over the last four. needed: what
    the due date takes, new items included.

    --backtest tells a campaign that is over again: what would have been said at the end of each
    week, from that week and those before it? held: how often the real finish was on the stated day
    or before it. in band: and not before the 15 % day. error: median distance of the 50 % day from
    the finish, in weeks; beside it the straight lines through the first and the latest count, and
    of least squares. JSON and CSV have every week.
    """
    from headway.metrics.campaign_forecast import forecasts
    from headway.store.store_reader import open_store

    if backtest and by is not None:
        raise click.UsageError("--backtest and --by exclude each other")
    if residual is not None and not backtest:
        raise click.UsageError("--residual has a meaning with --backtest only")
    if team is not None and by is not None:
        raise click.UsageError("--team and --by exclude each other")
    opened = session.open_session()
    chosen = opened.campaign(campaign)
    with open_store(opened.workspace.settings.store) as store:
        team = opened.team(store, team)
        if backtest:
            _emit_record(store, chosen, opened.today, team, residual, output_format)
            return
        rows = forecasts(store, chosen, today=opened.today, team=team, by=by)
    if not rows:
        who = f"{printable(team)} never" if team else f"no {by} ever"
        click.echo(f"{who} had anything in {chosen.id}", err=True)
    if by is None and rows and output_format in ("table", "markdown"):
        emit([fact for row in rows for fact in _facts(row)], _FACTS, output_format)
        return
    emit(rows, (Column(by or "team", by or "team", flexible=True), *_ROWS), output_format)
    if output_format == "table":
        for row in rows:
            if row.reason:
                click.echo(f"{printable(row.team or row.milestone or '')}: {row.reason}", err=True)


def _emit_record(
    store: Store,
    campaign: Campaign,
    today: date,
    team: str | None,
    residual: int | None,
    output_format: Format,
) -> None:
    from headway.metrics.track_record import track_record

    record = track_record(store, campaign, today=today, team=team, residual=residual)
    if output_format in ("json", "csv"):
        emit([record], (), output_format)
        return
    parts = [*record.quarters, *([record.whole] if record.whole else [])]
    emit(parts, _PARTS, output_format)
    over = f"{printable(team or campaign.id)} was over on {record.finished}"
    left = f" with {record.residual} left" if record.residual else ""
    click.echo(
        f"{over}{left}, after {record.weeks} weeks; {record.judged} had enough history to judge",
        err=True,
    )


def _facts(answer: CampaignForecast) -> Iterator[_Fact]:
    """What is to be said of one forecast; every line fits into 80 columns."""
    yield _Fact("open", str(answer.open), f"items on {answer.today}")
    if answer.reason:
        yield _Fact("ends", "–", answer.reason)
    for each in answer.quantiles:
        day = str(each.date) if each.date else _later(answer)
        yield _Fact(f"{percent(each.chance)} by", day, _READING.get(each.chance, ""))
    if answer.due:
        chance = f"{percent(answer.chance)} chance" if answer.chance is not None else ""
        yield _Fact("due", str(answer.due), chance or _why_no_chance(answer))
    yield _Fact("pace seen", f"{answer.pace:.1f}", "fixed a week, over the last four")
    if answer.pace_needed is not None:
        note = "a week until it is due, new items included"
        yield _Fact("pace needed", f"{answer.pace_needed:.1f}", note)
    yield _Fact("growth", f"{answer.growth:+.1f}", "a week by scope; not carried forward")
    yield _Fact("rests on", f"{answer.weeks} weeks", f"fixes in {answer.fixing_weeks} of them")
    if answer.unknown:
        yield _Fact("unknown", str(answer.unknown), "repositories whose items may be out of date")


_READING = {
    0.15: "here the band begins",
    0.5: "sooner is as likely as later",
    0.85: "here the band ends",
}


def _why_no_chance(answer: CampaignForecast) -> str:
    return "past" if answer.due and answer.due <= answer.today else ""
