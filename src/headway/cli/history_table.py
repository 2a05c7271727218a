"""The output of `headway try --history`: the open items of one repository, by month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import dropwhile
from typing import TYPE_CHECKING

import click

from headway.cli.output import Column, Format, emit
from headway.metrics.serialize import percent
from headway.printable import printable

if TYPE_CHECKING:
    from headway.metrics.records import BurndownPoint
    from headway.model.repository import Repository
    from headway.scan.request import ScanOutcome, ScanRequest

_COLUMNS = (
    Column("date", "until"),
    Column("open", "open", right=True),
    Column("opened", "opened", right=True),
    Column("fixed", "fixed", right=True),
    Column("exempt", "exempt", right=True),
    Column("completion", "done", percent, right=True),
)


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One month in a repository's history."""

    campaign: str
    repository: str
    date: str
    """The last day of the month, or today for the current month."""
    open: int
    opened: int
    """The number of items that were new or regressed in this month."""
    fixed: int
    exempt: int
    completion: float | None
    """The weighted share of fixed items, from 0 to 1, or None if there have been no items yet."""
    inexact: bool
    """Whether the numbers are inexact because a version of a file could not be read."""


def print_history(
    request: ScanRequest, repository: Repository, outcome: ScanOutcome, output_format: Format
) -> None:
    """Print the history of one repository from the request's store.

    The table omits months without changes, except the last month.
    """
    from headway.metrics.burndown_series import burndown
    from headway.store.store_reader import open_store

    campaign = request.campaigns[0]
    with open_store(request.store) as store:
        points = burndown(store, campaign, today=outcome.today, period="month")
    rows = _rows(repository.name, points)
    is_table = output_format == "table"
    emit(_with_changes(rows) if is_table else rows, _shown_columns(rows), output_format)
    if is_table:
        click.echo(_summary(repository.name, rows, outcome), err=True)


def _rows(repository: str, points: Sequence[BurndownPoint]) -> list[HistoryRow]:
    """Return one row per month, starting with the first month that has an item."""
    begun = dropwhile(lambda point: not (point.open or point.exempt or point.fixed_total), points)
    return [
        HistoryRow(
            campaign=point.campaign,
            repository=repository,
            date=point.date.isoformat(),
            open=point.open,
            opened=point.new + point.regressed,
            fixed=point.fixed,
            exempt=point.exempt,
            completion=point.completion,
            inexact=point.inexact,
        )
        for point in begun
    ]


def _with_changes(rows: Sequence[HistoryRow]) -> list[HistoryRow]:
    """Return the months with changes, and the last month."""
    before: HistoryRow | None = None
    changed = []
    for row in rows:
        is_same = before is not None and (row.open, row.exempt) == (before.open, before.exempt)
        if row is rows[-1] or row.opened or row.fixed or not is_same:
            changed.append(row)
        before = row
    return changed


def _shown_columns(rows: Sequence[HistoryRow]) -> list[Column]:
    exempt = any(row.exempt for row in rows)
    return [column for column in _COLUMNS if exempt or column.field != "exempt"]


def _summary(repository: str, rows: Sequence[HistoryRow], outcome: ScanOutcome) -> str:
    name, commits = printable(repository), outcome.commits
    walked = f"{commits:,} commit{'' if commits == 1 else 's'} read"
    if not rows and not outcome.complete:
        return f"{name}: {walked}; not every rule could be tracked"
    if not rows:
        return f"{name}: {walked}, and no rule has ever matched anything"
    opened, fixed = sum(row.opened for row in rows), sum(row.fixed for row in rows)
    text = f"{name}: {walked}; {opened:,} opened, {fixed:,} fixed, {rows[-1].open:,} open"
    if len(_with_changes(rows)) < len(rows):
        text += "; earlier months without changes are not shown"
    if any(row.inexact for row in rows):
        text += "; some numbers are not exact, because versions of files could not be read"
    return text
