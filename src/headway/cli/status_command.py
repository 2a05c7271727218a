"""The `headway status` command."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Literal

import click

from headway.cli import session
from headway.cli.options import campaigns_argument, format_option, shared_options
from headway.cli.output import Column, Format, emit
from headway.cli.workspace_store import open_history
from headway.metrics.serialize import percent
from headway.printable import printable

if TYPE_CHECKING:
    from headway.metrics.records import StatusRow
    from headway.model.campaign import Campaign


def _after_horizon(row: StatusRow) -> str:
    return f"after {row.horizon.year}" if row.horizon is not None else "–"


_COUNTS = (
    Column("completion", "done", percent, right=True),
    Column("open", "open", right=True),
    Column("fixed", "fixed", right=True, hide_first=5),
    Column("exempt", "exempt", right=True, hide_first=6),
)
_PACE = Column("pace", "per week", right=True, hide_first=3)
_FORECAST = (
    Column("p50", "50% by", when_missing=_after_horizon),
    Column("p85", "85% by", when_missing=_after_horizon, hide_first=4),
)
_DUE = Column("due", "due")
_HEALTH = Column("health", "health")
_COVERAGE = Column("coverage", "coverage", percent, right=True, hide_first=1)
_STATE = Column("state", "state", hide_first=2)
_LAST_FIX = Column("last_fix", "last fix", hide_first=3)

_WHICH_FILES = '`headway query "SELECT * FROM gaps"` names the files'

_COLUMNS = {
    None: (
        Column("campaign", "campaign", fit="wrap"),
        _HEALTH,
        *_COUNTS,
        _PACE,
        *_FORECAST,
        _DUE,
        _COVERAGE,
    ),
    "repository": (
        Column("repository", "repository", fit="wrap"),
        Column("state", "state"),
        *_COUNTS,
        _LAST_FIX,
        Column("reason", "reason", fit="wrap"),
    ),
    "team": (
        Column("team", "team", fit="wrap"),
        _HEALTH,
        _STATE,
        *_COUNTS,
        _LAST_FIX,
        *_FORECAST,
        _COVERAGE,
    ),
    "milestone": (
        Column("milestone", "milestone", fit="wrap"),
        _HEALTH,
        _STATE,
        *_COUNTS,
        *_FORECAST,
        _DUE,
        _COVERAGE,
    ),
}
"""The columns of the table, by the value of `--by`."""


@click.command(name="status")
@campaigns_argument
@click.option(
    "--by",
    type=click.Choice(["repository", "team", "milestone"]),
    help="Print one row per repository, team or milestone.",
)
@format_option
@shared_options
def command(
    campaigns: tuple[str, ...],
    by: Literal["repository", "team", "milestone"] | None,
    output_format: Format,
) -> None:
    """Show the progress, forecast and health of each campaign.

    \b
    done         fixed / (fixed + open), weighted by the weight of each rule
    per week     items fixed per week, averaged over the last four weeks
    50%, 85% by  dates by which the campaign is 50% and 85% likely to finish,
                 unless it stalls for good; shown only if there is enough history
    coverage     share of the repositories in scope whose state is known
    incomplete   repositories without open items in which a required rule has
                 no match
    """
    from headway.cli.definition_warnings import warn_of_changes
    from headway.metrics.campaign_status import status

    opened = session.open_session()
    chosen = opened.campaigns(campaigns)
    with open_history(opened.workspace) as store:
        rows = status(store, chosen, today=opened.today, by=by)
        warn_of_changes(store, chosen, opened.today)
    emit(rows, _columns(rows, chosen, by), output_format)
    if output_format == "table":
        _print_notes(rows, chosen, by)


def _columns(
    rows: Sequence[StatusRow], campaigns: Sequence[Campaign], by: str | None
) -> Sequence[Column]:
    columns = _COLUMNS[by]
    if any(row.incomplete for row in rows) and by != "repository":
        columns = (*columns, Column("incomplete", "incomplete", right=True, hide_first=2))
    if by is not None and len(campaigns) > 1:
        columns = (Column("campaign", "campaign", fit="wrap"), *columns)
    return columns


def _print_notes(rows: Sequence[StatusRow], campaigns: Sequence[Campaign], by: str | None) -> None:
    from headway.wording.definition_sentences import due_moves
    from headway.wording.gap_sentences import inexact_numbers

    if by == "milestone" and not rows:
        names = ", ".join(campaign.id for campaign in campaigns)
        click.echo(f"no milestones; add `milestones:` to {names} to define some", err=True)
    for row in rows:
        milestone = f", {row.milestone}" if row.milestone else ""
        if by in (None, "milestone") and row.reason:
            click.echo(printable(f"{row.campaign}{milestone}: {row.reason}"), err=True)
        if by in (None, "milestone") and (moves := due_moves(row)):
            click.echo(printable(f"{row.campaign}{milestone}: {moves}"), err=True)
        if by != "team" and (inexact := inexact_numbers(row.inexact, date.isoformat)):
            repository = f", {row.repository}" if row.repository else ""
            name = f"{row.campaign}{milestone}{repository}"
            click.echo(printable(f"{name}: {inexact}; {_WHICH_FILES}"), err=True)
        if by is None and row.state == "no matches" and not row.reason:
            unread = " in the versions of files that could be read" if row.inexact else ""
            click.echo(
                f"{row.campaign}: no rule has ever matched anything{unread}; if you expected "
                "matches, check the patterns and `paths`.",
                err=True,
            )
