"""Benchmark of commands and queries on a store with millions of items."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

import duckdb

from benchmarks.measure import Cost, in_turn, measured, median, run
from benchmarks.organisation import Size, make_workspace
from benchmarks.results import Section, seconds
from headway.config.load import load_campaigns
from headway.config.workspace import shipped_folder
from headway.metrics.burndown_series import burndown
from headway.metrics.campaign_status import status
from headway.metrics.item_rows import items
from headway.model.movement import MOVEMENT_COLUMNS
from headway.plugins import load_scanners
from headway.store.store_reader import Store, open_store

TODAY = date(2026, 11, 23)
SIZE = Size(repositories=20_000, teams=40, campaigns=10, open_items=119_000, weeks=156)
_TIMES = 20
"""How many times each item is in the store. The copies are fixed at different times. SQL creates
the copies, because writing all items as a scan does would take 15 minutes.
"""
_COPIES = """
CREATE TEMP TABLE copy AS SELECT o.* REPLACE (
    item || '-' || n AS item, path || n AS path,
    greatest(c.starts + 7, opened_on + 7, closed_on - 7 * (hash(item, n) % 100)::INTEGER)
        AS closed_on
) FROM opening o JOIN campaign c ON c.id = o.campaign, range(1, {times}) AS copies(n)
WHERE number = 1;
UPDATE copy SET closed_on = NULL WHERE closed_at IS NULL;
UPDATE copy SET closed_at = closed_on WHERE closed_on IS NOT NULL;
INSERT INTO opening FROM copy ORDER BY campaign, repository, rule, item, number;
CREATE TEMP TABLE moved AS
SELECT campaign, repository, rule, team, day, {sums} FROM (
    FROM movement UNION ALL BY NAME
    SELECT campaign, repository, rule, team, c.starts - 1 AS day, 1 AS baseline
    FROM copy JOIN campaign c ON c.id = campaign WHERE at_baseline UNION ALL BY NAME
    SELECT campaign, repository, rule, team, opened_on AS day, 1 AS new
    FROM copy WHERE NOT at_baseline UNION ALL BY NAME
    SELECT campaign, repository, rule, team, closed_on AS day, 1 AS fixed, 1 AS fixed_change
    FROM copy WHERE closed_on IS NOT NULL
) GROUP BY ALL;
DELETE FROM movement;
INSERT INTO movement BY NAME FROM moved ORDER BY campaign, repository, rule, team, day;
"""
_TEAM = "team-07"
_CAMPAIGN = "campaign-03"


def measure_store(folder: Path, rounds: int, size: Size = SIZE) -> Section:
    """Measure how long commands and queries take on a large store.

    Args:
        folder: The folder of the workspace, which is created if it does not exist.
        rounds: The number of measurements of each command and query.
        size: The size of the workspace to create.
    """
    if not (folder / "headway.duckdb").exists():
        make_workspace(folder, size, TODAY)
        _multiply(folder / "headway.duckdb")
    scanners = load_scanners([shipped_folder() / "scanners"])
    campaigns = load_campaigns(folder / "campaigns", scanners).campaigns
    campaign = next(campaign for campaign in campaigns if campaign.id == _CAMPAIGN)

    def command(*arguments: str) -> Callable[[], Cost]:
        def timed() -> Cost:
            with measured() as meter:
                options = ("--today", TODAY.isoformat(), "--format", "json")
                run([sys.executable, "-m", "headway", "-C", folder, *arguments, *options])
            return meter.cost

        return timed

    def query(run_query: Callable[[Store], object]) -> Callable[[], Cost]:
        def timed() -> Cost:
            with open_store(folder / "headway.duckdb") as store, measured() as meter:
                run_query(store)
            return meter.cost

        return timed

    costs = in_turn(
        {
            "command status": command("status"),
            "query status": query(lambda store: status(store, campaigns, today=TODAY)),
            "command burndown": command("burndown", _CAMPAIGN, "--team", _TEAM),
            "query burndown": query(
                lambda store: burndown(store, campaign, today=TODAY, team=_TEAM)
            ),
            "command items": command("items", _CAMPAIGN, "--team", _TEAM),
            "query items": query(lambda store: items(store, [campaign], team=_TEAM, today=TODAY)),
        },
        rounds,
    )
    with open_store(folder / "headway.duckdb") as store:
        ((openings, repositories),) = store.query(
            "SELECT (SELECT count(*) FROM items), (SELECT count(*) FROM repositories)"
        )[1]
    megabytes = (folder / "headway.duckdb").stat().st_size / 1e6
    size_line = (
        f"The store has {openings:,} items in {repositories:,} repositories, {len(campaigns)} "
        f"campaigns and {size.teams} teams; the size of its file is {megabytes:,.0f} MB. "
        "The time of a command includes starting Python.\n"
    )
    return Section("A store with millions of items", "\n".join([size_line, *_table(costs)]))


def _table(costs: Mapping[str, Sequence[Cost]]) -> Iterator[str]:
    yield "| task | whole command | query only |"
    yield "| --- | ---: | ---: |"
    for name, task in (
        ("status", "`status`, all campaigns"),
        ("burndown", "weekly burndown of one team"),
        ("items", "open items of one team in one campaign"),
    ):
        command_cost, query_cost = (
            median(costs[f"{kind} {name}"]) for kind in ("command", "query")
        )
        yield f"| {task} | {seconds(command_cost)} | {seconds(query_cost)} |"


def _multiply(store: Path) -> None:
    sums = ", ".join(f'coalesce(sum("{name}"), 0) AS "{name}"' for name in MOVEMENT_COLUMNS)
    connection = duckdb.connect(":memory:")
    connection.execute(f"ATTACH '{store}' AS store (STORAGE_VERSION 'v1.4.0')")
    connection.execute("USE store")
    connection.execute(_COPIES.format(times=_TIMES, sums=sums))
    connection.execute("CHECKPOINT store")
    connection.close()
