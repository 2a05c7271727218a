"""Compare scans during which cluster processes are killed with undisturbed scans.

    python -m tests.faults.executor_kills [--kills N] [--seed S] [--minutes M]

In each round, every repository gets a commit. While a scan runs on a cluster of two workers, the
program kills workers, their hosts or the scheduler at random times. The scan must end with exit
code 0, or with 3 if something is unknown. It may also fail because the cluster has no worker or
scheduler at the start. A scan without a cluster then reads the unknown repositories. After this
scan, the items and the status must be those of a twin whose scans never use a cluster. No host
process may outlive its worker, and no file and no output may contain the token from the environment
of the workers.

The exit code is 1 if there was a problem.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from headway.process_tree import children_of
from tests.support.dask_cluster import LocalDask, dask_cluster
from tests.support.git import Repo
from tests.support.processes import begin
from tests.support.workspaces import REMOVE_SIX, workspace

TOKEN = "canary-7c1e44-token"
NAMES = tuple(f"repository-{number}" for number in range(12))
FIRST_DAY = date(2020, 2, 10)
_LONGEST_SCAN = 600.0
"""The maximum time of a scan, in seconds. A longer scan is reported as a problem."""
_BETWEEN_KILLS = (0.2, 4.0)
"""The shortest and the longest time between two kills, in seconds."""


class Campaign:
    """A workspace, its twin, and the clones that both workspaces scan."""

    def __init__(self, folder: Path, seed: str) -> None:
        self.folder = folder
        self.random = random.Random(seed)
        self.day = FIRST_DAY
        self.problems: list[str] = []
        self.kills: Counter[str] = Counter()
        self.repositories = [Repo(folder / "clones" / name) for name in NAMES]
        self.workspaces = [folder / "disturbed", folder / "twin"]
        for made in self.workspaces:
            workspace(made, remove_six=REMOVE_SIX)
            (made / "headway.toml").write_text(
                f'[[sources]]\ntype = "local"\npath = "{folder / "clones"}"\n'
            )

    def round(self, number: int) -> None:
        """Run one disturbed scan, and compare its results with those of the twin."""
        self._change()
        environment = {"GITHUB_TOKEN": TOKEN, "PYTHONDONTWRITEBYTECODE": "1"}
        folder = self.folder / f"cluster-{number}"
        with dask_cluster(folder, "one", "two", environment=environment) as cluster:
            self._disturbed_scan(cluster)
        if TOKEN.encode() in b"".join(_files(folder)):
            self.problems.append(f"round {number}: the token is in a file of the cluster")
        shutil.rmtree(folder)
        answers = [self._answers(made) for made in self.workspaces]
        if answers[0] != answers[1]:
            self.problems.append(f"round {number}: the results differ from those of the twin")

    def _change(self) -> None:
        self.day += timedelta(days=1)
        for repository in self.repositories:
            lines = "import six\n" * self.random.randint(0, 3)
            files: dict[str, str | bytes | None] = {
                f"{self.random.choice('abc')}.py": f"{lines}# {self.random.random()}\n"
            }
            repository.commit(str(self.day), files)

    def _disturbed_scan(self, cluster: LocalDask) -> None:
        today = str(self.day)
        scan = begin(self.workspaces[0], "--today", today, "scan", "--executor", cluster.address)
        started = time.monotonic()
        try:
            while scan.poll() is None and time.monotonic() - started < _LONGEST_SCAN:
                time.sleep(self.random.uniform(*_BETWEEN_KILLS))
                if scan.poll() is None:
                    self._kill(cluster)
            output, errors = scan.communicate(timeout=1)
        except subprocess.TimeoutExpired:
            scan.kill()
            self.problems.append(f"{today}: the scan did not end")
            return
        started_in_vain = "no worker of the Dask cluster" in errors or "no Dask scheduler" in errors
        if scan.returncode not in (0, 3) and not started_in_vain:
            self.problems.append(f"{today}: exit code {scan.returncode}: {errors[-500:]}")
        if TOKEN in output + errors:
            self.problems.append(f"{today}: the token is in the output")

    def _kill(self, cluster: LocalDask) -> None:
        """Kill a host, a worker (which is then started again) or, rarely, the scheduler."""
        kind = self.random.choices(("worker", "host", "scheduler"), (6, 3, 1))[0]
        name = self.random.choice(sorted(cluster.workers))
        worker = cluster.workers[name]
        if kind == "scheduler" and cluster.scheduler.poll() is None:
            cluster.kill(cluster.scheduler)
        elif kind == "worker" and worker.poll() is None:
            cluster.kill(worker)
            cluster.start_worker(name)
        elif kind == "host" and (hosts := children_of(worker.pid)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.random.choice(hosts), signal.SIGKILL)
        else:
            return
        self.kills[kind] += 1

    def _answers(self, folder: Path) -> list[str]:
        answers = []
        today = ("--today", str(self.day))
        for arguments in (
            ("scan", "--jobs", "1"),
            ("items", "--state", "all", "--format", "json"),
            ("status", "--by", "repository", "--format", "json"),
        ):
            done = subprocess.run(
                [sys.executable, "-m", "headway", "-C", str(folder), *today, *arguments],
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                self.problems.append(f"{self.day}: {arguments[0]} failed: {done.stderr[-500:]}")
            answers.append(done.stdout)
        return answers


def _files(folder: Path) -> Sequence[bytes]:
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser("tests.faults.executor_kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="begin no later round")
    options = parser.parse_args(arguments)
    until = time.monotonic() + options.minutes * 60
    number = 0
    with tempfile.TemporaryDirectory(prefix="executor-kills-") as folder:
        campaign = Campaign(Path(folder), options.seed)
        while campaign.kills.total() < options.kills and time.monotonic() < until:
            number += 1
            campaign.round(number)
            _print(f"round {number}: {dict(campaign.kills)}, {len(campaign.problems)} problems")
    for problem in campaign.problems:
        _print(problem)
    return int(bool(campaign.problems))


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
