"""Generate the tables of docs/forecast.md, which are enclosed in marker comments."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from benchmarks.forecast.migrations import Migration, migrations
from benchmarks.forecast.record import (
    Judged,
    halves,
    judged,
    passed,
    quarters,
    rows,
    together,
    weeks,
)
from headway.metrics.serialize import percent
from headway.progress.backtest import Score

PAGE = Path(__file__).parents[2] / "docs" / "forecast.md"
EVERY = 4
"""Only every fourth week is evaluated. Evaluating every week would give the same figures but take
four times as long.
"""
_HEAD = (
    "| weeks | 50% held | 85% held | in the band | no 85% date | held if given | error "
    "| average pace | least squares |"
)
_RULE = "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"


def update_page() -> None:
    """Update all tables of the page."""
    PAGE.write_text(with_tables(PAGE.read_text("utf-8"), tables()), "utf-8")


def tables() -> dict[str, str]:
    """Return all tables of the page, by the name in their marker comment."""
    found = migrations()
    completed = judged((migration for migration in found if migration.finished), every=EVERY)
    return {
        "all": overall(completed),
        "quarters": table("share of work", quarters(completed)),
        "migrations": table("migration", rows(completed)),
        "unfinished": unfinished(migration for migration in found if not migration.finished),
    }


def overall(found: Judged) -> str:
    """Return the table of scores for all migrations and for each half of them."""
    tuning, held_out = halves(found)
    return table(
        "migrations",
        [
            (f"all {len(found)}", together(found)),
            (f"{len(tuning)} used for tuning", together(tuning)),
            (f"{len(held_out)} held out", together(held_out)),
        ],
    )


def table(title: str, scores: Iterable[tuple[str, Score]]) -> str:
    """Return a Markdown table of scores."""
    lines = [f"| {title} {_HEAD}", f"| --- {_RULE}"]
    for name, result in scores:
        shares = (
            result.middle_held,
            result.high_held,
            result.in_band,
            result.open_ended,
            result.given_held,
        )
        errors = result.error, result.average, result.least_squares
        cells = [name, str(result.weeks), *map(percent, shares), *map(weeks, errors)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def unfinished(uncompleted: Iterable[Migration]) -> str:
    """Return the table of unfinished migrations, with the share of 85% dates that have passed."""
    lines = ["| not completed | open | weeks | 85% date passed |", "| --- | ---: | ---: | ---: |"]
    total_given = total_passed = 0
    for migration in uncompleted:
        given, past = passed(migration, EVERY)
        total_given, total_passed = total_given + given, total_passed + past
        share = percent(past / given if given else None)
        lines.append(f"| {migration.id} | {migration.history.open} | {given} | {share} |")
    lines.append(f"| all | | {total_given} | {percent(total_passed / total_given)} |")
    return "\n".join(lines)


def with_tables(page: str, tables: dict[str, str]) -> str:
    """Return the page with new tables between `<!-- table: NAME -->` and `<!-- end -->`."""
    for name, text in tables.items():
        start, end = f"<!-- table: {name} -->\n", "<!-- end -->"
        before, mark, rest = page.partition(start)
        assert mark, name
        page = f"{before}{mark}{text}\n{end}{rest.partition(end)[2]}"
    return page
