"""How long work takes: by the clock, and in processor time with everything that it starts."""

from __future__ import annotations

import ctypes
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

_PR_SET_CHILD_SUBREAPER = 36


class Cost(NamedTuple):
    """Seconds. wall: by the clock. processor: of all processes together."""

    wall: float
    processor: float

    def times(self, factor: float) -> Cost:
        """As much work `factor` times."""
        return Cost(self.wall * factor, self.processor * factor)

    def plus(self, other: Cost) -> Cost:
        """Both, one after the other."""
        return Cost(self.wall + other.wall, self.processor + other.processor)


NOTHING = Cost(0.0, 0.0)


class Meter:
    """Filled when the block of `measured` ends."""

    cost = NOTHING


@contextmanager
def measured() -> Iterator[Meter]:
    """What the block costs, with the processes that it starts and that these leave behind."""
    meter = Meter()
    before = children(os.getpid())
    began, spent = time.monotonic(), _spent()
    yield meter
    wall = time.monotonic() - began
    _wait_for_orphans(before)
    meter.cost = Cost(wall, _spent() - spent)


def median(costs: Sequence[Cost]) -> Cost:
    """Of the clock and of the processors, each alone."""
    return Cost(
        statistics.median(cost.wall for cost in costs),
        statistics.median(cost.processor for cost in costs),
    )


def in_turn(contenders: Mapping[str, Callable[[], Cost]], rounds: int) -> dict[str, list[Cost]]:
    """Each contender once, then each again: what loads the machine then loads all of them."""
    costs: dict[str, list[Cost]] = {name: [] for name in contenders}
    for number in range(rounds):
        for name, run in contenders.items():
            cost = run()
            costs[name].append(cost)
            say(f"round {number + 1}: {name}: {cost.wall:.2f} s, processors {cost.processor:.2f} s")
    return costs


def adopt_orphans() -> None:
    """Processes whose parent ends become ours, so that their time is counted; on Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def children(process: int) -> AbstractSet[int]:
    """The processes directly below one; none where the system does not tell, as on a Mac."""
    found: set[int] = set()
    for listed in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(OSError):
            found |= set(map(int, listed.read_text("ascii").split()))
    return found


def run(command: Sequence[str | Path], *, fine: Sequence[int] = (0,)) -> bytes:
    """Standard output of a command; fine: the exit codes that are no failure."""
    done = subprocess.run(command, capture_output=True, env=environment(), check=False)
    if done.returncode not in fine:
        raise SystemExit(f"{command}: {done.stderr.decode('utf-8', 'replace')}")
    return done.stdout


def environment() -> dict[str, str]:
    """That of this process, where compiled modules are kept and nothing configures a contender."""
    left_out = ("PYTHON", "HEADWAY_", "GIT_", "RIPGREP_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    return kept | {"LC_ALL": "C", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}


def say(line: str) -> None:
    """One line for whoever watches."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _spent() -> float:
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def _wait_for_orphans(before: AbstractSet[int]) -> None:
    """Until no child is left but those that were there before: theirs is to whom they belong."""
    while new := children(os.getpid()) - before:
        for child in new:
            with suppress(ChildProcessError):
                os.waitpid(child, 0)
