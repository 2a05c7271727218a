"""`headway forecast`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import click

from headway.answers.text import percent
from headway.cli import session
from headway.cli.application import shared_options
from headway.cli.output import Column, Format, emit, format_option
from headway.printable import printable

if TYPE_CHECKING:
    from headway.answers.forecast import ForecastBy
    from headway.answers.records import ForecastAnswer


class _Fact(NamedTuple):
    """One line about one forecast."""

    name: str
    value: str
    note: str


def _later(answer: ForecastAnswer) -> str:
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


@click.command(name="forecast")
@click.argument("campaign")
@click.option("--team", metavar="NAME", help="Only what this team has.")
@click.option("--by", type=click.Choice(["team", "milestone"]), help="One row for each of these.")
@format_option
@shared_options
def command(campaign: str, team: str | None, by: ForecastBy | None, output_format: Format) -> None:
    """Show when a campaign ends, as a distribution.

    50 %: the day by which it ends with that chance, by what its own weeks have looked like.
    chance: of ending by the due date. a week: items fixed a week, over the last four. needed: what
    the due date takes, new items included.
    """
    from headway.answers.forecast import forecasts
    from headway.store.reading import open_store

    if team is not None and by is not None:
        raise click.UsageError("--team and --by exclude each other")
    opened = session.open_session()
    chosen, team = opened.campaign(campaign), opened.team(team)
    with open_store(opened.workspace.settings.store) as store:
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


def _facts(answer: ForecastAnswer) -> Iterator[_Fact]:
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


def _why_no_chance(answer: ForecastAnswer) -> str:
    return "past" if answer.due and answer.due <= answer.today else ""
