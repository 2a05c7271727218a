"""The tables of docs/forecast.md, between their marks."""

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
"""The tables judge each fourth week: the others say the same, at four times the cost."""
_HEAD = (
    "| weeks | 50 % held | 85 % held | in the band | no 85 % day | held where given | error "
    "| average pace | least squares |"
)
_RULE = "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"


def written() -> None:
    """Puts all tables into the page."""
    PAGE.write_text(with_tables(PAGE.read_text("utf-8"), tables()), "utf-8")


def tables() -> dict[str, str]:
    """Every table of the page, by the name of its mark."""
    every = migrations()
    found = judged((each for each in every if each.finished), every=EVERY)
    return {
        "all": overall(found),
        "quarters": table("of the work", quarters(found)),
        "migrations": table("migration", rows(found)),
        "unfinished": unfinished(each for each in every if not each.finished),
    }


def overall(found: Judged) -> str:
    """All migrations, and the two halves."""
    settled, held_out = halves(found)
    return table(
        "migrations",
        [
            (f"all {len(found)}", together(found)),
            (f"{len(settled)} settled on", together(settled)),
            (f"{len(held_out)} held out", together(held_out)),
        ],
    )


def table(title: str, scores: Iterable[tuple[str, Score]]) -> str:
    """Scores in Markdown."""
    lines = [f"| {title} {_HEAD}", f"| --- {_RULE}"]
    for name, its in scores:
        shares = its.middle_held, its.high_held, its.in_band, its.open_ended, its.given_held
        errors = its.error, its.average, its.least_squares
        cells = [name, str(its.weeks), *map(percent, shares), *map(weeks, errors)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def unfinished(every: Iterable[Migration]) -> str:
    """Migrations that are not over: how often the 85 % day went by all the same."""
    lines = ["| not over | open | weeks | 85 % day gone by |", "| --- | ---: | ---: | ---: |"]
    given = gone = 0
    for migration in every:
        its, past = passed(migration, EVERY)
        given, gone = given + its, gone + past
        share = percent(past / its if its else None)
        lines.append(f"| {migration.id} | {migration.history.open} | {its} | {share} |")
    lines.append(f"| all | | {given} | {percent(gone / given)} |")
    return "\n".join(lines)


def with_tables(page: str, found: dict[str, str]) -> str:
    """The page with what stands between `<!-- table: NAME -->` and `<!-- end -->` made anew."""
    for name, text in found.items():
        start, end = f"<!-- table: {name} -->\n", "<!-- end -->"
        before, mark, rest = page.partition(start)
        assert mark, name
        page = f"{before}{mark}{text}\n{end}{rest.partition(end)[2]}"
    return page
