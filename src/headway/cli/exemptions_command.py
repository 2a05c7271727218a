"""The `headway exemptions` command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from headway.cli import session
from headway.cli.options import campaigns_argument, format_option, shared_options
from headway.cli.output import Column, Format, emit
from headway.cli.workspace_store import open_history
from headway.printable import printable

if TYPE_CHECKING:
    from headway.metrics.records import ExemptionRow

_COLUMNS = (
    Column("campaign", "campaign", fit="wrap"),
    Column("reason", "reason", fit="wrap"),
    Column("items", "items", right=True),
    Column("state", "state"),
    Column("since", "since", hide_first=2),
    Column("until", "until"),
    Column("approved_by", "approved by", fit="wrap", hide_first=1),
)


@click.command(name="exemptions")
@campaigns_argument
@format_option
@shared_options
def command(campaigns: tuple[str, ...], output_format: Format) -> None:
    """List the exemptions with their reasons and expiry dates.

    The list shows the exemptions that the last scan read from the campaign files.

    \b
    items  number of unfixed items that the exemption covers today
    """
    from headway.metrics.exemption_rows import exemptions

    opened = session.open_session()
    with open_history(opened.workspace) as store:
        rows = exemptions(store, opened.campaigns(campaigns), today=opened.today)
    emit(rows, _COLUMNS, output_format)
    print_warnings(rows)


def print_warnings(rows: Sequence[ExemptionRow]) -> None:
    """Print warnings about exemptions that need attention, for example because they expire soon."""
    from headway.metrics.exemption_rows import exemption_warnings

    for warning in exemption_warnings(rows):
        click.echo(f"warning: {printable(warning)}", err=True)
