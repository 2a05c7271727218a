"""`headway burndown`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Literal

import click

from headway.cli import session
from headway.cli.application import shared_options
from headway.cli.output import Column, Format, emit, format_option
from headway.config.problems import likely
from headway.errors import HeadwayError
from headway.metrics.serialize import percent
from headway.printable import printable

if TYPE_CHECKING:
    from headway.metrics.records import SeriesPoint
    from headway.model.campaign import Campaign
    from headway.progress.series import Period
    from headway.store.store_reader import Store

_COLUMNS = (
    Column("date", "until"),
    Column("open", "open", right=True),
    Column("new", "new", right=True),
    Column("regressed", "regr.", right=True),
    Column("scope_added", "scope +", right=True),
    Column("lapsed", "lapsed", right=True),
    Column("fixed", "fixed", right=True),
    Column("scope_removed", "scope −", right=True),
    Column("exempted", "exempted", right=True),
    Column("completion", "done", percent, right=True),
    Column("coverage", "coverage", percent, right=True),
)


class NothingCapturedError(HeadwayError):
    """No rule of the campaign has captured anything by this name."""

    def __init__(self, campaign: str, capture: str, known: Sequence[str]) -> None:
        hint = likely(capture, known) or "a rule captures what a named group matches, (?P<name>...)"
        super().__init__(f"no rule of {campaign} has captured `{capture}`; {hint}")


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
@click.option("--series", "capture", metavar="CAPTURE", help="One series for each captured value.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    help="With --series: values beyond so many are one series together.  [default: 8]",
)
@format_option
@shared_options
def command(
    campaign: str,
    period: Literal["day", "week", "month"],
    team: str | None,
    owners: Literal["now", "then"],
    capture: str | None,
    limit: int | None,
    output_format: Format,
) -> None:
    """Show a campaign's series with its ledger.

    open = open before + new + regressed + scope_added + lapsed - fixed - scope_removed - exempted.

    --series counts by what a named group of a pattern captured, such as a version: open items at
    the end of each period; JSON and CSV have one row for each period and value.
    """
    from headway.metrics.burndown_series import burndown
    from headway.store.store_reader import open_store

    if limit is not None and capture is None:
        raise click.UsageError("--limit has a meaning with --series only")
    opened = session.open_session()
    chosen = opened.campaign(campaign)
    with open_store(opened.workspace.settings.store) as store:
        team = opened.team(store, team)
        if capture is not None:
            lines = _lines(store, chosen, opened.today, capture, limit, period, team, owners)
            _emit_lines(lines, output_format)
            if not lines:
                who = printable(team or chosen.id)
                click.echo(f"{who} never had anything with a `{capture}`", err=True)
            return
        rows = burndown(store, chosen, today=opened.today, period=period, team=team, owners=owners)
    emit(rows, _COLUMNS, output_format)


def _lines(
    store: Store,
    campaign: Campaign,
    today: date,
    capture: str,
    limit: int | None,
    period: Period,
    team: str | None,
    owners: Literal["now", "then"],
) -> list[tuple[SeriesPoint, ...]]:
    """The series of each value; raises `NothingCapturedError`."""
    from headway.metrics.campaign_state import view
    from headway.metrics.capture_series import LIMIT, captures, grades

    seen = view(store, campaign, today)
    lines = grades(
        store, seen, capture, period=period, team=team, owners=owners, limit=limit or LIMIT
    )
    known = captures(store, seen)
    if capture not in known:
        raise NothingCapturedError(campaign.id, capture, known)
    return lines


def _emit_lines(lines: Sequence[Sequence[SeriesPoint]], output_format: Format) -> None:
    """All fields for programs; for people one column for each value."""
    if output_format in ("json", "csv"):
        emit([each for points in zip(*lines, strict=True) for each in points], (), output_format)
        return
    columns = [Column("date", "until")]
    columns += [Column(str(n), _title(line[0]), right=True) for n, line in enumerate(lines) if line]
    rows = [
        {"date": points[0].date} | {str(n): point.open for n, point in enumerate(points)}
        for points in zip(*lines, strict=True)
    ]
    emit(rows, columns, output_format)


def _title(point: SeriesPoint) -> str:
    named = "other" if point.value is None else point.value
    return f"{named} (replacement)" if point.role == "replacement" else named
