"""`headway exemptions`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from headway.cli import session
from headway.cli.application import shared_options
from headway.cli.output import Column, Format, emit, format_option
from headway.printable import printable

if TYPE_CHECKING:
    from headway.metrics.records import ExemptionRow

_COLUMNS = (
    Column("campaign", "campaign", flexible=True),
    Column("reason", "reason", flexible=True),
    Column("items", "items", right=True),
    Column("state", "state"),
    Column("since", "since"),
    Column("until", "until"),
    Column("approved_by", "approved by"),
)


@click.command(name="exemptions")
@click.argument("campaigns", nargs=-1)
@format_option
@shared_options
def command(campaigns: tuple[str, ...], output_format: Format) -> None:
    """List what need not go, why, and until when.

    As the last scan saw the campaigns; items: open items that an exemption covers today.
    """
    from headway.metrics.exemption_rows import exemptions
    from headway.store.store_reader import open_store

    opened = session.open_session()
    with open_store(opened.workspace.settings.store) as store:
        rows = exemptions(store, opened.campaigns(campaigns), today=opened.today)
    emit(rows, _COLUMNS, output_format)
    warn(rows)


def warn(rows: Sequence[ExemptionRow]) -> None:
    """Says which of them somebody should look at."""
    from headway.metrics.exemption_rows import exemption_warnings

    for sentence in exemption_warnings(rows):
        click.echo(f"warning: {printable(sentence)}", err=True)
