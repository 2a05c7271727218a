"""The `headway burndown` command."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import click

from headway.cli import session
from headway.cli.options import campaign_argument, format_option, shared_options, team_option
from headway.cli.output import Column, Format, emit
from headway.cli.workspace_store import open_history
from headway.config.problems import likely
from headway.errors import HeadwayError
from headway.metrics.serialize import percent
from headway.printable import printable

if TYPE_CHECKING:
    from headway.metrics.records import BurndownPoint, SeriesPoint
    from headway.model.campaign import Campaign
    from headway.store.store_reader import Store

_COLUMNS = (
    Column("date", "until"),
    Column("open", "open", right=True),
    Column("new", "new", right=True, hide_first=3),
    Column("regressed", "regressed", right=True, hide_first=7),
    Column("moved_in", "moved in", right=True, hide_first=8),
    Column("scope_added", "scope +", right=True, hide_first=5),
    Column("lapsed", "lapsed", right=True, hide_first=9),
    Column("fixed", "fixed", right=True),
    Column("moved_out", "moved out", right=True, hide_first=8),
    Column("scope_removed", "scope −", right=True, hide_first=5),
    Column("exempted", "exempted", right=True, hide_first=9),
    Column("completion", "done", percent, right=True),
    Column("coverage", "coverage", percent, right=True, hide_first=1),
)


_MOVES = ("moved_in", "moved_out")
_FORMER_OWNERS = {"now": "current", "then": "historical"}


class NothingCapturedError(HeadwayError):
    """No rule of the campaign has captured a value under the requested name."""

    def __init__(self, campaign: str, capture: str, known: Sequence[str]) -> None:
        hint = (
            likely(capture, known)
            or "to capture a value, add a named group to a pattern: (?P<name>...)"
        )
        super().__init__(f"no rule of {campaign} has captured a value named `{capture}`; {hint}")


class _OwnersChoice(click.Choice[str]):
    """The values of `--owners`. The former names `now` and `then` are also accepted."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return super().convert(_FORMER_OWNERS.get(value, value), param, ctx)


# This function has more than 50 lines because its docstring is the help text of the command.
@click.command(name="burndown")
@campaign_argument
@click.option(
    "--by",
    "period",
    type=click.Choice(["day", "week", "month"]),
    default="week",
    show_default=True,
    help="Length of a period. Weeks are ISO weeks.",
)
@team_option
@click.option(
    "--owners",
    type=_OwnersChoice(["current", "historical"]),
    default="current",
    show_default=True,
    help="Attribute items to their current owners, or to their owners on each date.",
)
@click.option(
    "--series",
    "capture",
    metavar="NAME",
    help="Print one series for each value that the group NAME captured.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    help="With --series: maximum number of values with their own series. All other values are "
    "combined.  "
    "[default: 8]",
)
@format_option
@shared_options
def command(
    campaign: str,
    period: Literal["day", "week", "month"],
    team: str | None,
    owners: Literal["current", "historical"],
    capture: str | None,
    limit: int | None,
    output_format: Format,
) -> None:
    """Show the burndown and ledger of a campaign.

    \b
    open = open at the end of the previous period
           + new + regressed + moved in + scope added + exemptions lapsed
           - fixed - moved out - scope removed - newly exempt

    --series NAME counts the open items separately for each value that the named group NAME
    captured, such as each version.
    """
    from headway.cli.definition_warnings import warn_of_changes
    from headway.metrics.burndown_series import burndown
    from headway.metrics.campaign_view import campaign_view
    from headway.metrics.capture_series import LIMIT, capture_series, captures

    if limit is not None and capture is None:
        raise click.UsageError("--limit requires --series")
    opened = session.open_session()
    chosen = opened.campaign(campaign)
    with open_history(opened.workspace) as store:
        team = opened.team(store, team)
        warn_of_changes(store, [chosen], opened.today)
        if capture is None:
            rows = burndown(
                store, chosen, today=opened.today, period=period, team=team, owners=owners
            )
            emit(rows, _shown_columns(rows), output_format)
            if output_format == "table":
                _print_inexact_days(store, chosen, opened.today)
            return
        state = campaign_view(store, chosen, opened.today)
        series = capture_series(
            store, state, capture, period=period, team=team, owners=owners, limit=limit or LIMIT
        )
        known = captures(store, state)
    if capture not in known:
        raise NothingCapturedError(chosen.id, capture, known)
    _emit_series(series, output_format)
    if not series:
        owner = printable(team or chosen.id)
        click.echo(f"{owner} has never had an item with a value for `{capture}`", err=True)


def _shown_columns(rows: Sequence[BurndownPoint]) -> list[Column]:
    """Return the columns to show. Moves between repositories are shown only if an item moved."""
    moved = any(row.moved_in or row.moved_out for row in rows)
    return [column for column in _COLUMNS if moved or column.field not in _MOVES]


def _emit_series(series: Sequence[Sequence[SeriesPoint]], output_format: Format) -> None:
    """Print one row per period and value as JSON or CSV, or a table with one column per value."""
    periods = list(zip(*series, strict=True))
    if output_format in ("json", "csv"):
        emit([point for points in periods for point in points], (), output_format)
        return
    columns = [
        Column("date", "until"),
        *(
            Column(str(number), _title(points[0]), right=True, hide_first=number)
            for number, points in enumerate(series)
            if points
        ),
    ]
    rows = [
        {"date": points[0].date} | {str(number): point.open for number, point in enumerate(points)}
        for points in periods
    ]
    emit(rows, columns, output_format)


def _title(point: SeriesPoint) -> str:
    value = "other" if point.value is None else point.value
    return f"{value} (required)" if point.role == "required" else value


def _print_inexact_days(store: Store, campaign: Campaign, today: date) -> None:
    from headway.metrics.campaign_status import status
    from headway.wording.gap_sentences import inexact_numbers

    inexact = status(store, [campaign], today=today)[0].inexact
    if inexact:
        text = inexact_numbers(inexact, date.isoformat)
        click.echo(printable(f"{campaign.id}: {text}"), err=True)
