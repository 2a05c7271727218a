"""Compare scans with different numbers of Dask workers on an otherwise idle machine.

    python -m benchmarks.executor CLONES [--campaigns FOLDER] [--workers N...]

The default numbers are 1 and 2. CLONES is a folder with git repositories. For each number of
workers, a new cluster on this machine scans the repositories with empty caches. The wall time is
measured from the moment when the workers are ready. The processor time is that of all processes,
from the start of the cluster to its end.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.support.dask_cluster import dask_cluster

ROOT = Path(__file__).parents[1]


def main() -> None:
    parser = argparse.ArgumentParser("benchmarks.executor", description=__doc__)
    parser.add_argument("clones", type=Path)
    parser.add_argument("--campaigns", type=Path, default=ROOT / "campaigns")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    options = parser.parse_args()
    walls = {}
    for count in options.workers:
        with tempfile.TemporaryDirectory(prefix="executor-") as folder:
            wall, processor = measured(Path(folder), options.clones, options.campaigns, count)
        walls[count] = wall
        print(f"{count} workers: {wall:.1f} s, {processor:.1f} s of processor time", flush=True)
    first, *others = walls
    for count in others:
        print(f"{count} workers are {walls[first] / walls[count]:.2f}x as fast as {first}")


def measured(folder: Path, clones: Path, campaigns: Path, workers: int) -> tuple[float, float]:
    """Scan once, and return the wall time and the processor time in seconds."""
    workspace = folder / "workspace"
    shutil.copytree(campaigns, workspace / "campaigns")
    source = f'[[sources]]\ntype = "local"\npath = "{clones.resolve()}"\n'
    (workspace / "headway.toml").write_text(source)
    names = [f"worker-{number}" for number in range(workers)]
    before = os.times()
    with dask_cluster(folder / "cluster", *names) as cluster:
        while cluster.logs().count(b"Registered to") < len(names):
            time.sleep(0.1)
        started = time.monotonic()
        subprocess.run(
            [sys.executable, "-m", "headway", "scan", "--executor", cluster.address],
            cwd=workspace,
            stdout=subprocess.DEVNULL,
            check=False,  # Exit code 3 means that some results are unknown.
        )
        wall = time.monotonic() - started
    after = os.times()
    spent = after.children_user + after.children_system
    return wall, spent - before.children_user - before.children_system


if __name__ == "__main__":
    main()
