"""The whole site of a large organisation: how long, how much memory, how large its pages are.

Once from nothing, once more with nothing changed, once after one repository has changed.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb

from benchmarks.measure import Cost, children, measured, run, say
from benchmarks.organisation import Size, make_workspace
from benchmarks.results import Section, seconds

TODAY = date(2026, 11, 23)
SIZE = Size()
_JOBS = 2
_SECONDS_BETWEEN_LOOKS = 0.2
_MOST_BYTES = 1_000_000
_CHANGE = """
UPDATE repository SET tip = md5(tip) WHERE key = $key;
UPDATE opening SET line = line + 1 WHERE repository = $key AND line IS NOT NULL;
"""
"""What a scan writes that finds one commit more in one repository: lines have shifted."""


def measure_site(folder: Path, size: Size = SIZE) -> Section:
    """folder: a workspace of that size; made where it is not there yet."""
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
        f"{size.repositories:,} repositories, {size.teams} teams, {size.campaigns} campaigns, "
        f"{size.open_items:,} open items and {size.weeks} weeks of history, as "
        f"`benchmarks/organisation.py` makes them, by `headway report --jobs {_JOBS}`. "
        "Memory is that of all its processes together, what they share counted once."
    )
    lines = [
        made,
        "",
        "| the site | clock | processors | memory at its peak |",
        "| --- | ---: | ---: | ---: |",
    ]
    for name, (cost, peak) in (
        ("from nothing", first),
        ("nothing changed", again),
        ("one repository changed", changed),
    ):
        lines.append(
            f"| {name} | {cost.wall:.0f} s | {cost.processor:.0f} s | {peak / 1e6:,.0f} MB |"
        )
    sizes = (
        f"{len(files):,} files of {total / 1e9:.1f} GB; {len(pages):,} of them are pages, the "
        f"largest of {max(pages) / 1e3:,.0f} kB (target: none over {_MOST_BYTES / 1e3:,.0f} kB)."
    )
    lines += ["", sizes]
    return Section("The site of a large organisation", "\n".join(lines))


def _report(folder: Path) -> tuple[Cost, int]:
    """What it costs, and its memory at the peak in bytes."""
    asked = ("--today", TODAY.isoformat(), "report", "--jobs", str(_JOBS))
    with measured() as meter, _watched() as peak:
        run([sys.executable, "-m", "headway", "-C", folder, *asked])
    say(f"site: {seconds(meter.cost)}, {peak[0] / 1e6:,.0f} MB")
    return meter.cost, peak[0]


def _change(store: Path) -> None:
    """Touch the repository in the middle of those that have open items."""
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"ATTACH '{store}' AS store (STORAGE_VERSION 'v1.4.0')")
        connection.execute("USE store")
        keys = connection.execute(
            "SELECT DISTINCT repository FROM opening WHERE closed_at IS NULL ORDER BY 1"
        ).fetchall()
        connection.execute(_CHANGE.replace("$key", f"'{keys[len(keys) // 2][0]}'"))
        connection.execute("CHECKPOINT store")


@contextmanager
def _watched() -> Iterator[list[int]]:
    """The most memory of all processes below this one while the block runs, in bytes; on Linux."""
    peak, over = [0], threading.Event()

    def look() -> None:
        while not over.wait(_SECONDS_BETWEEN_LOOKS):
            peak[0] = max(peak[0], sum(map(_memory, _descendants(os.getpid()))))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        over.set()
        thread.join()


def _descendants(process: int) -> list[int]:
    found: list[int] = []
    new = [process]
    while new:
        below = children(new.pop())
        found += below
        new += below
    return found


def _memory(process: int) -> int:
    """Its share of what it has in memory, in bytes; 0 when it has ended."""
    try:
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text("ascii")
    except OSError:
        return 0
    return sum(
        int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:")
    )
