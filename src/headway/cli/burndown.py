"""`headway burndown`."""

from __future__ import annotations

from typing import Literal

import click

from headway.answers.text import percent
from headway.cli import session
from headway.cli.application import shared_options
from headway.cli.output import Column, Format, emit, format_option

_COLUMNS = (
    Column("date", "until"),
    Column("open", "open", right=True),
    Column("new", "new", right=True),
    Column("regressed", "regr.", right=True),
    Column("entered", "entered", right=True),
    Column("lapsed", "lapsed", right=True),
    Column("fixed", "fixed", right=True),
    Column("left", "left", right=True),
    Column("exempted", "exempted", right=True),
    Column("completion", "done", percent, right=True),
    Column("coverage", "coverage", percent, right=True),
)


@click.command(name="burndown")
@click.argument("campaign")
@click.option(
    "--by",
    "period",
    type=click.Choice(["day", "week", "month"]),
    default="week",
    show_default=True,
    help="Length of a period; weeks are ISO weeks.",
)
@click.option("--team", metavar="NAME", help="Only what this team has.")
@click.option(
    "--owners",
    type=click.Choice(["now", "then"]),
    default="now",
    show_default=True,
    help="Today's owners over all of history, or the owners of the day.",
)
@format_option
@shared_options
def command(
    campaign: str,
    period: Literal["day", "week", "month"],
    team: str | None,
    owners: Literal["now", "then"],
    output_format: Format,
) -> None:
    """Show a campaign's series with its ledger.

    open = open before + new + regressed + entered + lapsed - fixed - left - exempted.
    """
    from headway.answers.burndown import burndown
    from headway.store.reading import open_store

    opened = session.open_session()
    chosen = opened.campaign(campaign)
    with open_store(opened.workspace.settings.store) as store:
        rows = burndown(
            store, chosen, today=opened.today, period=period, team=opened.team(team), owners=owners
        )
    emit(rows, _COLUMNS, output_format)
