"""Measure elapsed time, processor time and memory, including those of child processes."""

from __future__ import annotations

import ctypes
import os
import resource
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

_PR_SET_CHILD_SUBREAPER = 36
_SAMPLING_SECONDS = 0.2


class Cost(NamedTuple):
    """The time that a piece of work takes, in seconds."""

    wall: float
    processor: float
    """The processor time of all processes together."""

    def times(self, factor: float) -> Cost:
        """Return the cost of `factor` times as much work."""
        return Cost(self.wall * factor, self.processor * factor)

    def plus(self, other: Cost) -> Cost:
        """Return the total cost of this work and other work."""
        return Cost(self.wall + other.wall, self.processor + other.processor)


NOTHING = Cost(0.0, 0.0)


class Meter:
    """The result of `measured`. `cost` is set when the block ends."""

    cost = NOTHING


@contextmanager
def measured() -> Iterator[Meter]:
    """Measure the cost of a block, including child processes at any depth."""
    meter = Meter()
    before = children(os.getpid())
    began, spent = time.monotonic(), _spent()
    yield meter
    wall = time.monotonic() - began
    _wait_for_orphans(before)
    meter.cost = Cost(wall, _spent() - spent)


@contextmanager
def peak_memory() -> Iterator[list[int]]:
    """Measure the peak memory of all child processes during a block, in bytes (Linux only).

    Yields:
        A list whose only value is the peak so far.
    """
    peak, done = [0], threading.Event()

    def sample() -> None:
        while not done.wait(_SAMPLING_SECONDS):
            peak[0] = max(peak[0], sum(map(_memory, _descendants(os.getpid()))))

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        done.set()
        thread.join()


def median(costs: Sequence[Cost]) -> Cost:
    """Return the median elapsed time and, independently, the median processor time."""
    return Cost(
        statistics.median(cost.wall for cost in costs),
        statistics.median(cost.processor for cost in costs),
    )


def in_turn(tools: Mapping[str, Callable[[], Cost]], rounds: int) -> dict[str, list[Cost]]:
    """Run all tools in turn, several times, so that other load affects all tools equally."""
    costs: dict[str, list[Cost]] = {name: [] for name in tools}
    for number in range(rounds):
        for name, run in tools.items():
            cost = run()
            costs[name].append(cost)
            say(f"round {number + 1}: {name}: {cost.wall:.2f} s, processor {cost.processor:.2f} s")
    return costs


def adopt_orphans() -> None:
    """Make this process adopt orphaned processes, so that their time is counted (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def children(process: int) -> AbstractSet[int]:
    """Return the IDs of the children of a process; empty on systems without /proc."""
    found: set[int] = set()
    for listed in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(OSError):
            found |= set(map(int, listed.read_text("ascii").split()))
    return found


def run(command: Sequence[str | Path], *, fine: Sequence[int] = (0,)) -> bytes:
    """Return the standard output of a command.

    Raises:
        SystemExit: The exit code of the command is not in `fine`.
    """
    done = subprocess.run(command, capture_output=True, env=environment(), check=False)
    if done.returncode not in fine:
        raise SystemExit(f"{command}: {done.stderr.decode('utf-8', 'replace')}")
    return done.stdout


def environment() -> dict[str, str]:
    """Return the environment without variables that configure Python, Headway, git or ripgrep."""
    # For example, PYTHONDONTWRITEBYTECODE would make every run recompile all modules.
    configuring = ("PYTHON", "HEADWAY_", "GIT_", "RIPGREP_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(configuring)}
    return kept | {"LC_ALL": "C", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}


def say(line: str) -> None:
    """Print a line to standard error."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _spent() -> float:
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def _wait_for_orphans(before: AbstractSet[int]) -> None:
    """Wait for all child processes that were started since the measurement began."""
    while new := children(os.getpid()) - before:
        for child in new:
            with suppress(ChildProcessError):
                os.waitpid(child, 0)


def _descendants(process: int) -> list[int]:
    found: list[int] = []
    new = [process]
    while new:
        below = children(new.pop())
        found += below
        new += below
    return found


def _memory(process: int) -> int:
    """Return the proportional set size of a process in bytes; 0 if the process has ended."""
    try:
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text("ascii")
    except OSError:
        return 0
    return sum(
        int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:")
    )
