"""`headway status`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import click

from headway.cli import session
from headway.cli.application import shared_options
from headway.cli.output import Column, Format, emit, format_option
from headway.metrics.serialize import percent
from headway.printable import printable

if TYPE_CHECKING:
    from headway.metrics.campaign_status import By
    from headway.metrics.records import StatusRow


def _later(row: StatusRow) -> str:
    """Where a day is missing although something can be said, it lies behind the horizon."""
    return f"after {row.horizon.year}" if row.horizon is not None else "–"


_NUMBERS = (
    Column("completion", "done", percent, right=True),
    Column("open", "open", right=True),
    Column("fixed", "fixed", right=True),
    Column("exempt", "exempt", right=True),
)
_COLUMNS = {
    None: (
        Column("campaign", "campaign", flexible=True),
        *_NUMBERS,
        Column("pace", "a week", right=True),
        Column("p50", "50 %", instead=_later),
        Column("p85", "85 %", instead=_later),
        Column("due", "due"),
        Column("health", "health"),
        Column("coverage", "coverage", percent, right=True),
    ),
    "repository": (
        Column("repository", "repository", flexible=True),
        Column("state", "state"),
        *_NUMBERS,
        Column("last_fix", "last fix"),
        Column("reason", "reason"),
    ),
    "team": (
        Column("team", "team", flexible=True),
        Column("state", "state"),
        *_NUMBERS,
        Column("last_fix", "last fix"),
        Column("p50", "50 %", instead=_later),
        Column("p85", "85 %", instead=_later),
        Column("health", "health"),
        Column("coverage", "coverage", percent, right=True),
    ),
    "milestone": (
        Column("milestone", "milestone", flexible=True),
        Column("state", "state"),
        *_NUMBERS,
        Column("p50", "50 %", instead=_later),
        Column("p85", "85 %", instead=_later),
        Column("due", "due"),
        Column("health", "health"),
        Column("coverage", "coverage", percent, right=True),
    ),
}


@click.command(name="status")
@click.argument("campaigns", nargs=-1)
@click.option(
    "--by",
    type=click.Choice(["repository", "team", "milestone"]),
    help="One row for each of these.",
)
@format_option
@shared_options
def command(
    campaigns: tuple[str, ...],
    by: Literal["repository", "team", "milestone"] | None,
    output_format: Format,
) -> None:
    """Show how far every campaign is.

    done: fixed / (fixed + open), by weight. coverage: the share of the repositories in scope
    whose state is known. incomplete: repositories that have removed what must go, and lack what
    must be there. a week: items fixed a week, over the last four. 50 %, 85 %: the days by
    which it ends with that chance; none is given without enough history.
    """
    from headway.cli.exemptions_command import warn
    from headway.metrics.campaign_status import status
    from headway.metrics.exemption_rows import exemptions
    from headway.store.store_reader import open_store

    opened = session.open_session()
    chosen = opened.campaigns(campaigns)
    kind: By | None = by
    with open_store(opened.workspace.settings.store) as store:
        rows = status(store, chosen, today=opened.today, by=kind)
        waived = exemptions(store, chosen, today=opened.today)
    columns = _COLUMNS[by]
    if any(row.incomplete for row in rows) and by != "repository":
        columns = (*columns, Column("incomplete", "incomplete", right=True))
    if by is not None and len(chosen) > 1:
        columns = (Column("campaign", "campaign"), *columns)
    emit(rows, columns, output_format)
    warn(waived)
    if output_format == "table":
        if by == "milestone" and not rows:
            names = ", ".join(campaign.id for campaign in chosen)
            click.echo(f"no milestones: give {names} some in `milestones:`", err=True)
        for row in rows:
            if by in (None, "milestone") and row.reason:
                part = f", {row.milestone}" if row.milestone else ""
                click.echo(printable(f"{row.campaign}{part}: {row.reason}"), err=True)
            if by is None and row.state == "not affected":
                click.echo(
                    f"{row.campaign}: no rule has ever found anything; if that surprises, "
                    "check its patterns and `paths`.",
                    err=True,
                )
