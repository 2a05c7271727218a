"""`headway items`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import click

from headway.cli import session
from headway.cli.application import shared_options
from headway.cli.output import Column, Format, emit, format_option

if TYPE_CHECKING:
    from headway.metrics.records import ItemRow

_COLUMNS = (
    Column("repository", "repository", flexible=True),
    Column("place", "place", flexible=True),
    Column("rule", "rule"),
    Column("team", "team"),
    Column("state", "state"),
    Column("opened", "since"),
    Column("excerpt", "line", flexible=True),
)


@click.command(name="items")
@click.argument("campaigns", nargs=-1)
@click.option("--team", metavar="NAME", help="Only what this team has.")
@click.option("--repository", metavar="GLOB", help="Only repositories whose name matches.")
@click.option("--rule", metavar="ID", help="Only what this rule found.")
@click.option("--capture", metavar="NAME=VALUE", help="Only what was captured so.")
@click.option(
    "--state",
    type=click.Choice(["open", "fixed", "exempt", "all"]),
    default="open",
    show_default=True,
    help="Which items; `all` has every opening there ever was.",
)
@format_option
@shared_options
def command(
    campaigns: tuple[str, ...],
    team: str | None,
    repository: str | None,
    rule: str | None,
    capture: str | None,
    state: Literal["open", "fixed", "exempt", "all"],
    output_format: Format,
) -> None:
    """List the places that have to change, as they are at the end of today.

    JSON and CSV have every field, with a link to the line and the item's history.
    """
    from headway.metrics.item_rows import items
    from headway.store.store_reader import open_store

    opened = session.open_session()
    chosen = opened.campaigns(campaigns)
    with open_store(opened.workspace.settings.store) as store:
        rows = items(
            store,
            chosen,
            state=state,
            team=opened.team(store, team),
            repository=opened.repository(store, repository),
            rule=opened.rule(chosen, rule),
            captured=_captured(capture),
            today=opened.today,
        )
    if output_format in ("json", "csv"):
        emit(rows, _COLUMNS, output_format)
        return
    hidden = _saying_nothing(rows, state)
    shown = [
        {
            "repository": row.repository,
            "place": row.path if row.line is None else f"{row.path}:{row.line}",
            "rule": row.rule,
            "team": row.team,
            "state": row.state,
            "opened": ("≤ " if row.opened_before_baseline else "") + f"{row.opened_at:%Y-%m-%d}",
            "excerpt": row.excerpt,
        }
        for row in rows
    ]
    columns = [column for column in _COLUMNS if column.field not in hidden]
    emit(shown, columns, output_format)
    if not rows:
        click.echo("no items", err=True)


def _captured(text: str | None) -> tuple[str, str] | None:
    if text is None:
        return None
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise click.UsageError(f"--capture is written NAME=VALUE, and not `{text}`")
    return name, value


def _saying_nothing(rows: Sequence[ItemRow], state: str) -> set[str]:
    """Columns that would say the same in every row; their room is needed by the paths."""
    hidden = set()
    if state != "all":
        hidden.add("state")
    if {row.team for row in rows} == {"unowned"}:
        hidden.add("team")
    return hidden
