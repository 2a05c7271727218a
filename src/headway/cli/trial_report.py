"""Print the output of `headway try`: matches by repository, totals by rule, and notes."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import click
from rich.cells import cell_len

from headway.cli.excluded_note import print_excluded
from headway.cli.output import Column, Format, emit
from headway.cli.text_table import cut
from headway.printable import printable

if TYPE_CHECKING:
    from headway.metrics.trial_rows import TrialMatch, TrialRow, TrialTotal
    from headway.model.campaign import Campaign
    from headway.model.tip_findings import Trial

_NAMES_SHOWN = 5
_UNKNOWN_SHOWN = 10
_TOTALS = (
    Column("rule", "rule", fit="wrap"),
    Column("repositories", "found in", "{:,}".format, right=True),
    Column("matches", "matches", "{:,}".format, right=True),
    Column("exempt", "exempt", "{:,}".format, right=True),
    Column("files", "files", "{:,}".format, right=True, hide_first=1),
    Column("binary", "binary", "{:,}".format, right=True),
    Column("excluded", "excluded", "{:,}".format, right=True),
    Column("unknown", "unknown", "{:,}".format, right=True),
    Column("seconds", "time", "{:.2f} s".format, right=True, hide_first=2),
)
_OPTIONAL = ("exempt", "binary", "excluded", "unknown")
"""Columns that are hidden if they contain only zeros."""

_ROWS = (
    Column("repository", "repository", fit="wrap"),
    Column("rule", "rule"),
    Column("matches", "matches", right=True),
    Column("exempt", "exempt", right=True),
    Column("files", "files", right=True),
    Column("binary", "binary", right=True),
    Column("excluded", "excluded", right=True),
    Column("seconds", "seconds", right=True),
    Column("unknown", "unknown"),
)


def print_trial(
    campaign: Campaign,
    trial: Trial,
    rows: Sequence[TrialRow],
    output_format: Format,
    *,
    lacks: bool,
) -> None:
    """Print a campaign's findings to standard output and notes to standard error.

    Args:
        campaign: The campaign, with the rules to show.
        trial: The findings.
        rows: The rows of the trial.
        output_format: The output format.
        lacks: Whether a required rule without a match counts as an item.
    """
    lacks = lacks and bool(campaign.replacement)
    if output_format == "table":
        _print_repositories(campaign, rows, lacks=lacks)
        _print_totals(campaign, trial, rows, lacks=lacks)
        click.echo(err=True)
    else:
        emit(rows, _ROWS, output_format)
    _print_notes(campaign, trial, rows)


def _print_repositories(campaign: Campaign, rows: Sequence[TrialRow], *, lacks: bool) -> None:
    """Print each repository with items, and the names of the other repositories."""
    counted = {rule.id for rule in campaign.counted or campaign.rules}
    without, unaffected = [], []
    for name, group in groupby(rows, key=lambda row: row.repository):
        own = list(group)
        main = [row for row in own if row.rule in counted]
        if own[0].affected is False:
            unaffected.append(name)
        elif any(row.items for row in main) or (any(row.matches for row in main) and not lacks):
            lines = _missing_lines(name, main) if lacks else _repository_lines(name, own, main)
            for line in lines:
                click.echo(line)
            click.echo()
        elif all(row.unknown is None for row in own):
            without.append(name)
    if without:
        click.echo(f"{'nothing missing' if lacks else 'no matches'}: {_names(without)}\n")
    if unaffected:
        click.echo(f"not affected: {_names(unaffected)}\n")


def _missing_lines(name: str, main: Sequence[TrialRow]) -> Iterator[str]:
    """Yield a line for each required rule that an affected repository lacks."""
    missing = [row.rule for row in main if row.items]
    yield printable(f"{name}: {_count(len(missing), 'item', 'items')}")
    yield from (printable(f"  missing: {rule}") for rule in missing)


def _repository_lines(
    name: str, rows: Sequence[TrialRow], main: Sequence[TrialRow]
) -> Iterator[str]:
    yield printable(f"{name}: {_matches(main)}")
    for row in main:
        indent = "  "
        if len(main) > 1 and row.matches:
            yield f"  {row.rule}: {row.matches:,}"
            indent = "    "
        for match in row.examples:
            yield from _match_lines(match, indent)
    for row in rows:
        if row not in main and row.matches is not None:
            places = [example.path for example in row.examples[:1]] or ["missing"]
            if row.matches > 1:
                places.append(f"and {row.matches - 1:,} more")
            yield printable(f"  {row.rule} ({row.role}): {' '.join(places)}")


def _match_lines(match: TrialMatch, indent: str) -> Iterator[str]:
    """Yield the location of a match with its line of code, then the link to it."""
    location = match.path if match.line is None else f"{match.path}:{match.line}"
    mark = " (exempt)" if match.exempt else ""
    start, excerpt = printable(f"{indent}{location}{mark}"), printable(match.excerpt)
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    if match.line is None and match.path.endswith(match.excerpt):
        yield start
    elif width is None or cell_len(start) + len(": ") + cell_len(excerpt) <= width:
        yield f"{start}: {excerpt}"
    else:
        yield f"{start}:"
        yield f"{indent}  {cut(excerpt, width - len(indent) - 2)}"
    if match.url is not None:
        yield f"{indent}  {printable(match.url)}"


def _print_totals(
    campaign: Campaign, trial: Trial, rows: Sequence[TrialRow], *, lacks: bool
) -> None:
    from headway.metrics.trial_rows import trial_totals

    totals = trial_totals(campaign, rows)
    click.echo(f"{printable(campaign.id)}: {_headline(campaign, trial, rows, lacks=lacks)}\n")
    emit(totals, _shown_columns(totals), "table")


def _headline(campaign: Campaign, trial: Trial, rows: Sequence[TrialRow], *, lacks: bool) -> str:
    counted = {rule.id for rule in campaign.counted or campaign.rules}
    affected = {row.repository for row in rows if row.affected is not False}
    own = [row for row in rows if row.rule in counted and row.repository in affected]
    total = len(trial.searched) + len(trial.unsearched)
    kind = "affected " if len(affected) < total else ""
    repositories = _count(len(affected), f"{kind}repository", f"{kind}repositories")
    if not lacks:
        found = len({row.repository for row in own if row.matches})
        return f"{_matches(own)} in {found:,} of {repositories}"
    found = len({row.repository for row in own if row.items})
    items = _count(sum(row.items or 0 for row in own), "item", "items")
    return f"{items} in {found:,} of {repositories}"


def _matches(rows: Sequence[TrialRow]) -> str:
    """Describe the number of matches in the rows, and the number of exempt matches."""
    exempt = sum(row.exempt or 0 for row in rows)
    count = _count(sum(row.matches or 0 for row in rows), "match", "matches")
    return f"{count} ({exempt:,} exempt)" if exempt else count


def _shown_columns(totals: Sequence[TrialTotal]) -> list[Column]:
    hidden = {name for name in _OPTIONAL if not any(getattr(total, name) for total in totals)}
    return [column for column in _TOTALS if column.field not in hidden]


def _print_notes(campaign: Campaign, trial: Trial, rows: Sequence[TrialRow]) -> None:
    """Print notes about everything that was not searched, with reasons."""
    notes = []
    for reason, count in sorted(trial.outside.items()):
        repositories = _count(count, "repository", "repositories")
        notes.append(f"out of scope: {repositories} (reason: {reason})")
    unknown = dict.fromkeys(
        f"unknown: {row.repository}: {row.unknown}" for row in rows if row.unknown is not None
    )
    notes += list(unknown)[:_UNKNOWN_SHOWN]
    if len(unknown) > _UNKNOWN_SHOWN:
        notes.append(f"and {len(unknown) - _UNKNOWN_SHOWN:,} more unknown")
    lacking = sum(entry.lacks_mirror for entry in trial.unsearched)
    if lacking:
        them = "it" if lacking == 1 else "them"
        have = "repository has" if lacking == 1 else "repositories have"
        notes.append(
            f"{lacking:,} {have} no mirror yet; `headway try {campaign.id} --fetch` fetches {them}"
        )
    notes += [f"incomplete: {problem}" for problem in trial.problems]
    for note in notes:
        click.echo(printable(note), err=True)
    excluded = [findings for _, findings in trial.searched if findings.excluded]
    if excluded:
        count = sum(findings.excluded for findings in excluded)
        print_excluded(count, excluded[0].excluded_example)


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMES_SHOWN])
    more = f" and {len(names) - _NAMES_SHOWN:,} more" if len(names) > _NAMES_SHOWN else ""
    return printable(f"{shown}{more}")


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
