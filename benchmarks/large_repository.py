"""Measure a scan of one large repository: `python -m benchmarks.large_repository REPOSITORY`.

Each round scans the whole history of the repository for ten rules with one process and with
several, each time without a store or a match cache, and then with only the match cache. The items
must be the same. Run the benchmark on a machine without other load, because it compares elapsed
times.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.measure import Cost, adopt_orphans, in_turn, measured, median, say
from benchmarks.workspaces import Workspace

_RULES = 10
_STARTS = "2000-01-01"


def _scan(workspace: Workspace, jobs: int, items: list[bytes], *, warm: bool = False) -> Cost:
    matches = workspace.folder / ".headway" / "matches"
    aside = workspace.folder / "matches"
    if warm:
        matches.rename(aside)
    workspace.forget()
    if warm:
        matches.parent.mkdir()
        aside.rename(matches)
    with measured() as meter:
        workspace.headway("scan", "--jobs", str(jobs))
    items.append(workspace.headway("items", "--state", "all", "--format", "json"))
    if len(set(items)) > 1:
        raise SystemExit("the number of processes changes the items")
    return meter.cost


def main() -> None:
    """Run the benchmark and print the median costs."""
    parser = argparse.ArgumentParser("python -m benchmarks.large_repository", description=__doc__)
    parser.add_argument("repository", type=Path, help="a clone, which is copied")
    parser.add_argument("--jobs", type=int, default=2, help="number of processes")
    parser.add_argument("--rounds", type=int, default=3, help="number of runs")
    options = parser.parse_args()
    adopt_orphans()
    with tempfile.TemporaryDirectory(prefix="headway-benchmark-") as name:
        folder = Path(name)
        shutil.copytree(options.repository, folder / "clones" / "repository.git", symlinks=True)
        workspace = Workspace(folder / "workspace", folder / "clones", _RULES, _STARTS)
        items: list[bytes] = []
        costs = in_turn(
            {
                "1 process": partial(_scan, workspace, 1, items),
                f"{options.jobs} processes": partial(_scan, workspace, options.jobs, items),
                "1 process, known matches": partial(_scan, workspace, 1, items, warm=True),
            },
            options.rounds,
        )
    for label, several in costs.items():
        cost = median(several)
        say(f"{label}: {cost.wall:.1f} s, processor {cost.processor:.1f} s")


if __name__ == "__main__":
    main()
