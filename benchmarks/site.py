"""Benchmark of the site of a large organisation: build time, memory and size.

The site is built three times: from scratch, without changes, and after a change in one repository.
"""

from __future__ import annotations

import shutil
import sys
from datetime import date
from pathlib import Path

import duckdb

from benchmarks.measure import Cost, measured, peak_memory, run, say
from benchmarks.organisation import Size, make_workspace
from benchmarks.results import Section, seconds

TODAY = date(2026, 11, 23)
SIZE = Size()
_JOBS = 2
_MOST_BYTES = 1_000_000
_CHANGE = """
UPDATE repository SET tip = md5(tip) WHERE key = $key;
UPDATE opening SET line = line + 1 WHERE repository = $key AND line IS NOT NULL;
"""
"""The changes that a scan would write if lines had shifted in one repository."""


def measure_site(folder: Path, size: Size = SIZE) -> Section:
    """Measure the site of a workspace of this size. Generate the workspace if necessary."""
    if not (folder / "headway.duckdb").exists():
        make_workspace(folder, size, TODAY)
    shutil.rmtree(folder / "site", ignore_errors=True)
    first = _report(folder)
    again = _report(folder)
    _change(folder / "headway.duckdb")
    changed = _report(folder)
    files = [path for path in (folder / "site").rglob("*") if path.is_file()]
    pages = [path.stat().st_size for path in files if path.suffix == ".html"]
    total = sum(path.stat().st_size for path in files)
    made = (
        f"The organisation has {size.repositories:,} repositories, {size.teams} teams, "
        f"{size.campaigns} campaigns, {size.open_items:,} open items and {size.weeks} weeks of "
        "history; `benchmarks/organisation.py` generates it. "
        f"`headway report --jobs {_JOBS}` builds the site. "
        "Peak memory is the sum over all processes; memory that several processes share is "
        "counted once."
    )
    lines = [
        made,
        "",
        "| build | wall time | CPU time | peak memory |",
        "| --- | ---: | ---: | ---: |",
    ]
    for name, (cost, peak) in (
        ("from scratch", first),
        ("nothing changed", again),
        ("one repository changed", changed),
    ):
        lines.append(
            f"| {name} | {cost.wall:.0f} s | {cost.processor:.0f} s | {peak / 1e6:,.0f} MB |"
        )
    sizes = (
        f"The site consists of {len(files):,} files with a total size of {total / 1e9:.1f} GB; "
        f"{len(pages):,} of the files are pages. "
        f"The size of the largest page is {max(pages) / 1e3:,.0f} kB "
        f"(target: at most {_MOST_BYTES / 1e3:,.0f} kB)."
    )
    lines += ["", sizes]
    return Section("The site of a large organisation", "\n".join(lines))


def _report(folder: Path) -> tuple[Cost, int]:
    """Build the site, and return the cost of the build and the peak memory in bytes."""
    command = ("--today", TODAY.isoformat(), "report", "--jobs", str(_JOBS))
    with measured() as meter, peak_memory() as peak:
        run([sys.executable, "-m", "headway", "-C", folder, *command])
    say(f"site: {seconds(meter.cost)}, {peak[0] / 1e6:,.0f} MB")
    return meter.cost, peak[0]


def _change(store: Path) -> None:
    """Change the items of one repository: the middle one, by key, of those with open items."""
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"ATTACH '{store}' AS store (STORAGE_VERSION 'v1.4.0')")
        connection.execute("USE store")
        keys = connection.execute(
            "SELECT DISTINCT repository FROM opening WHERE closed_at IS NULL ORDER BY 1"
        ).fetchall()
        connection.execute(_CHANGE.replace("$key", f"'{keys[len(keys) // 2][0]}'"))
        connection.execute("CHECKPOINT store")
