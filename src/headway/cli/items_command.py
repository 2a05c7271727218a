"""The `headway items` command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import click

from headway.cli import session
from headway.cli.excluded_note import print_excluded
from headway.cli.options import (
    campaigns_argument,
    check_globs,
    format_option,
    shared_options,
    team_option,
)
from headway.cli.output import Column, Format, emit
from headway.cli.workspace_store import open_history

if TYPE_CHECKING:
    from datetime import date

    from headway.config.workspace import Workspace
    from headway.metrics.excluded_files import ExcludedFiles
    from headway.metrics.records import ItemHistory, ItemRow
    from headway.model.campaign import Campaign
    from headway.store.store_reader import Store

State = Literal["open", "fixed", "exempt", "all"]

_MOST_TREES = 100
"""The maximum number of repositories whose excluded files are counted.

To limit the run time, no files are counted if more repositories are selected.
"""

_COLUMNS = (
    Column("repository", "repository", fit="wrap"),
    Column("location", "location", fit="wrap"),
    Column("rule", "rule", hide_first=3),
    Column("team", "team", fit="wrap", hide_first=1),
    Column("state", "state"),
    Column("opened", "since", hide_first=2),
    Column("excerpt", "code", fit="cut"),
)


@click.command(name="items")
@campaigns_argument
@team_option
@click.option(
    "--repository",
    metavar="GLOB",
    callback=check_globs,
    help="Include only repositories whose name matches GLOB.",
)
@click.option("--rule", metavar="ID", help="Include only items of this rule.")
@click.option(
    "--capture", metavar="NAME=VALUE", help="Include only items with this captured value."
)
@click.option(
    "--state",
    type=click.Choice(["open", "fixed", "exempt", "all"]),
    default="open",
    show_default=True,
    help="Include only items in this state. `all` lists an item once for each time that it was "
    "opened.",
)
@format_option
@shared_options
def command(
    campaigns: tuple[str, ...],
    team: str | None,
    repository: str | None,
    rule: str | None,
    capture: str | None,
    state: State,
    output_format: Format,
) -> None:
    """List the places in the code that must change, as of the end of today.

    JSON and CSV contain every field, including the commits that opened and closed each item, and a
    link to its line. JSON also contains `texts`: the path, the line and the captures of the item
    after every commit that opened, moved or edited the item. If the item moved between
    repositories, `moved_from` and `moved_to` contain the repository, the path and the item at the
    other end of the move.

    A note below the table gives the number of files that are excluded as vendored or generated
    code, unless CAMPAIGNS and --repository select more than 100 repositories.
    """
    from headway.cli.definition_warnings import warn_of_changes
    from headway.metrics.item_rows import item_histories

    opened = session.open_session()
    chosen = opened.campaigns(campaigns)
    with open_history(opened.workspace) as store:
        warn_of_changes(store, chosen, opened.today)
        histories = item_histories(
            store,
            chosen,
            state=state,
            team=opened.team(store, team),
            repository=opened.repository_glob(store, repository),
            rule=opened.rule(chosen, rule),
            captured=_captured(capture),
            today=opened.today,
        )
        excluded = None
        if output_format == "table":
            excluded = _excluded_files(store, chosen, opened.today, repository)
    _print_items(histories, state, output_format)
    if excluded is not None:
        _print_excluded(opened.workspace, excluded)


def _print_items(histories: Sequence[ItemHistory], state: State, output_format: Format) -> None:
    if output_format == "json":
        # `texts` and the moves are nested objects, so they do not fit in a CSV column.
        emit(
            [
                history.row._asdict()
                | {
                    "texts": history.texts,
                    "moved_from": history.moved_from,
                    "moved_to": history.moved_to,
                }
                for history in histories
            ],
            (),
            "json",
        )
        return
    rows = [history.row for history in histories]
    if output_format == "csv":
        emit(rows, _COLUMNS, output_format)
        return
    hidden = _uninformative_columns(rows, state)
    columns = [column for column in _COLUMNS if column.field not in hidden]
    emit([_table_row(row) for row in rows], columns, output_format)
    if not rows:
        click.echo("no items", err=True)


def _excluded_files(
    store: Store, campaigns: Sequence[Campaign], today: date, glob: str | None
) -> ExcludedFiles:
    """Return a counter of excluded files for the selected repositories. Its count is still 0."""
    from headway.metrics.excluded_files import ExcludedFiles, affected_repositories
    from headway.model.scope import name_matches

    listed = [
        record.listed
        for record in store.repositories.records().values()
        if record.gone_on is None and (glob is None or name_matches((glob,), record.listed.name))
    ]
    return ExcludedFiles(campaigns, listed, affected_repositories(store, campaigns, today))


def _print_excluded(workspace: Workspace, excluded: ExcludedFiles) -> None:
    """Print the number of excluded files, unless too many repositories are selected."""
    from headway.cli.tip_trees import tip_tree

    if len(excluded.keys) > _MOST_TREES:
        return
    for key in excluded.keys:
        tree = tip_tree(workspace, key)
        if tree is not None:
            excluded.look_at(key, tree.excluded)
    print_excluded(excluded.count, excluded.example)


def _captured(text: str | None) -> tuple[str, str] | None:
    if text is None:
        return None
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise click.UsageError(f"--capture expects NAME=VALUE, not `{text}`")
    return name, value


def _table_row(row: ItemRow) -> dict[str, str]:
    return {
        "repository": row.repository,
        "location": row.path if row.line is None else f"{row.path}:{row.line}",
        "rule": row.rule,
        "team": row.team,
        "state": row.state,
        "opened": ("≤ " if row.opened_before_baseline else "") + f"{row.opened_at:%Y-%m-%d}",
        "excerpt": row.excerpt,
    }


def _uninformative_columns(rows: Sequence[ItemRow], state: str) -> set[str]:
    """Return the columns to hide: the state if one is selected, and the team if all are unowned."""
    hidden = set()
    if state != "all":
        hidden.add("state")
    if {row.team for row in rows} == {"unowned"}:
        hidden.add("team")
    return hidden
