"""The command `headway status`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Literal

import click

from headway.cli import session
from headway.cli.options import campaigns_argument, format_option, shared_options
from headway.cli.output import Column, Format, emit
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
    Column("fixed", "fixed", right=True),
    Column("exempt", "exempt", right=True),
)
_FORECAST = (
    Column("p50", "P50", when_missing=_after_horizon),
    Column("p85", "P85", when_missing=_after_horizon),
)
_DUE = Column("due", "due")
_HEALTH = (Column("health", "health"), Column("coverage", "coverage", percent, right=True))
_STATE = Column("state", "state")
_LAST_FIX = Column("last_fix", "last fix")

_WHICH_FILES = '`headway query "SELECT * FROM gaps"` names the files'

_COLUMNS = {
    None: (
        Column("campaign", "campaign", flexible=True),
        *_COUNTS,
        Column("pace", "per week", right=True),
        *_FORECAST,
        _DUE,
        *_HEALTH,
    ),
    "repository": (
        Column("repository", "repository", flexible=True),
        _STATE,
        *_COUNTS,
        _LAST_FIX,
        Column("reason", "reason"),
    ),
    "team": (
        Column("team", "team", flexible=True),
        _STATE,
        *_COUNTS,
        _LAST_FIX,
        *_FORECAST,
        *_HEALTH,
    ),
    "milestone": (
        Column("milestone", "milestone", flexible=True),
        _STATE,
        *_COUNTS,
        *_FORECAST,
        _DUE,
        *_HEALTH,
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
    done        fixed / (fixed + open), weighted by the weight of each rule
    per week    items fixed per week, averaged over the last four weeks
    P50, P85    dates by which the campaign is 50% and 85% likely to finish;
                shown only if there is enough history
    coverage    share of the repositories in scope whose state is known
    incomplete  repositories that have removed everything deprecated but
                still lack something required
    """
    from headway.cli.definition_warnings import warn_of_changes
    from headway.cli.exemptions_command import print_warnings
    from headway.metrics.campaign_status import status
    from headway.metrics.exemption_rows import exemptions
    from headway.store.store_reader import open_store

    opened = session.open_session()
    chosen = opened.campaigns(campaigns)
    with open_store(opened.workspace.settings.store) as store:
        rows = status(store, chosen, today=opened.today, by=by)
        exemption_rows = exemptions(store, chosen, today=opened.today)
        warn_of_changes(store, chosen, opened.today)
    emit(rows, _columns(rows, chosen, by), output_format)
    print_warnings(exemption_rows)
    if output_format == "table":
        _print_notes(rows, chosen, by)


def _columns(
    rows: Sequence[StatusRow], campaigns: Sequence[Campaign], by: str | None
) -> Sequence[Column]:
    columns = _COLUMNS[by]
    if any(row.incomplete for row in rows) and by != "repository":
        columns = (*columns, Column("incomplete", "incomplete", right=True))
    if by is not None and len(campaigns) > 1:
        columns = (Column("campaign", "campaign"), *columns)
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
