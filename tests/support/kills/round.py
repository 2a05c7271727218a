"""Run one round: several days of changes with killed commands, compared with a twin."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.kills import launcher
from tests.support.kills.launcher import Ended
from tests.support.kills.stored_twins import StoredWorkspace
from tests.support.kills.strike import COMMAND, GROUP, Hit, Plan, has_killed, plan, strike
from tests.support.kills.twins import Tables, Workspace, compare, differences
from tests.support.kills.world import World
from tests.support.object_storage import Storage

COMMANDS: tuple[tuple[int, tuple[str, ...]], ...] = (
    (2, ("scan", "--jobs", "1")),
    (33, ("scan", "--jobs", "2")),
    (3, ("report", "--jobs", "1")),
    (3, ("report", "--jobs", "2")),
    (6, ("export", "EXP")),
    (6, ("import", "--replace", "EXP")),
    (4, ("status",)),
    (4, ("items",)),
    (3, ("burndown", "remove-six")),
    (3, ("forecast", "remove-six")),
    (3, ("digest",)),
    (3, ("repositories",)),
    (3, ("owners", "shop")),
    (2, ("exemptions",)),
    (3, ("query", "SELECT count(*) FROM items, items, items")),
    (2, ("try", "remove-six", "--jobs", "2")),
    (1, ("try", "remove-six", "--history", "--repository", "shop")),
    (1, ("catalog", "suggest", "--jobs", "2")),
    (2, ("catalog", "list")),
    (2, ("validate",)),
    (2, ("doctor",)),
    (2, ("scanners",)),
    (2, ("schema",)),
    (2, ("serve", "--port", "0")),
)
"""The commands, each with its weight. `EXP` stands for the folder of an export. `scan --jobs 1` is
rarer than `--jobs 2`, because it starts a fork server for the workspace's scanner. This takes three
times as long as the rest of the scan.
"""
_SCAN = ("scan", "--jobs", "2")
_DURATIONS = {"scan": 0.8, "report": 1.0, "import": 0.7, "catalog": 0.7, "try": 0.5}
"""The usual durations of commands, as multiples of the duration of a scan; 0.3 for all others."""
_WRITES = ("scan", "import", "export", "report")
_PARENTS = ("scan", "report", "try", "catalog", "doctor", "owners")
"""The only commands that can start child processes if the store is a file."""
_STARTS_AGAIN = 0.7
"""The share of successful scans after which the store from the start of the day is restored, so
that the next scan has changes to read.
"""
_HANGS_SECONDS = 240.0
_LEFT_SECONDS = 30.0
"""The time within which all processes of a killed command must end, in seconds."""
_ONE_LINE = re.compile(r"error: interrupted; no partial results were saved\.\n")
_STARTING = re.compile(
    r'Traceback \(most recent call last\):\n(?:  File "<frozen [^\n]*\n)+KeyboardInterrupt\n'
)
"""What Python prints if a signal arrives before the first line of Headway runs."""
_BUGS = re.compile(r"Traceback|crashed|fault of Headway|Exception ignored|Aborted!")


@dataclass
class Tally:
    """The events of one or more rounds."""

    kills: int = 0
    missed: int = 0
    """The number of commands that ended before the signal, and of processes that ignored it."""
    comparisons: int = 0
    """The number of comparisons of all tables with those of the twin."""
    lost: list[str] = field(default_factory=list)
    different: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    """Files, folders and processes that remained."""
    wrong: list[str] = field(default_factory=list)
    """Wrong exit codes, messages and hangs."""
    processor_seconds: float = 0.0
    unknown: int = 0
    """The number of commands that lost a child process and reported this with exit code 3."""
    by: Counter[str] = field(default_factory=Counter)
    """The number of kills by command, by signal and by process."""

    @property
    def wrong_results(self) -> list[str]:
        """Lost or different results."""
        return [*self.lost, *self.different]

    @property
    def problems(self) -> list[str]:
        return [*self.lost, *self.different, *self.left, *self.wrong]

    def add(self, other: Tally) -> None:
        """Add the figures of another tally."""
        for name in ("kills", "missed", "comparisons", "processor_seconds", "unknown"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("lost", "different", "left", "wrong"):
            getattr(self, name).extend(getattr(other, name))
        self.by.update(other.by)


class Round:
    """A round in a separate folder. The same seed gives the same plans."""

    def __init__(
        self, folder: Path, seed: str, days: int, kills: int, storage: Storage | None = None
    ) -> None:
        """Prepare a round.

        Args:
            folder: An empty folder.
            seed: The seed.
            days: The number of days.
            kills: The number of commands to kill on each day.
            storage: Keeps the stores; None means that they are files.
        """
        self._rng = random.Random(seed)
        self._seed = seed
        self._days = days
        self._kills = kills
        self._storage = storage
        self._world = World(folder, self._rng)
        self.tally = Tally()
        self._scan_seconds = 1.0
        """The duration of the last undisturbed scan, which depends on the load of the machine."""
        self._seconds: dict[str, float] = {}
        """The duration of each command that ends on its own, as a moving average in seconds."""
        self._expected: Tables = {}
        """The tables of the twin on this day."""

    def run(self) -> Tally:
        """Run all days. Stop at the first wrong result, so that the folder can be examined."""
        before = _processor_seconds()
        self._run()
        launcher.reap()
        self.tally.processor_seconds = _processor_seconds() - before
        return self.tally

    def _run(self) -> None:
        self._world.create()
        self._one, self._twin = (self._workspace(name) for name in ("killed", "twin"))
        for place in (self._one, self._twin):
            self._must(place, *_SCAN)
            self._must(place, "report", "--jobs", "1")
        for day in range(self._days):
            self._day(day)
            if self.tally.wrong_results:
                return
        self._compare_all()

    def _workspace(self, name: str) -> Workspace:
        output = self._world.root / f"{name}.output"
        if self._storage is None:
            return Workspace(self._world.workspace(name), output)
        place = StoredWorkspace(
            self._world.workspace(name), output, self._storage.variables, self._storage
        )
        place.use_storage()
        return place

    def _day(self, day: int) -> None:
        changes = self._world.change()
        for place in (self._one, self._twin):
            self._world.definitions.write(place.folder / "campaigns")
        # Without this export, an import would use an older one, and the snapshots of a day would be
        # lost.
        self._must(self._one, "export", str(self._one.folder / "exp"))
        self._one.save_store()
        begun = time.monotonic()
        self._must(self._twin, *_SCAN)
        self._scan_seconds = time.monotonic() - begun
        self._expected = self._twin.tables()
        for _ in range(self._kills):
            command = self._rng.choices(
                [words for _, words in COMMANDS], [weight for weight, _ in COMMANDS]
            )[0]
            is_parent = self._storage is not None or command[0] in _PARENTS
            # If the store is in object storage, `strike` does not watch the folders that change.
            writes = self._storage is None and command[0] in _WRITES
            planned = plan(self._rng, writes=writes, is_parent=is_parent)
            anew = self._rng.random() < 0.04
            before = self._one.identity()
            started = "started anew" if anew else "forked"
            where = (
                f"[{self._seed}] day {day} ({', '.join(changes)}): {' '.join(command)}, {started}, "
                f"{planned}"
            )
            ended, hit = self._kill(command, planned, anew)
            self._judge(where, command, planned, hit, ended, before)
            if self.tally.wrong_results:
                return
        self._must(self._one, *_SCAN)
        self._check_stores(f"[{self._seed}] day {day}")
        self._check_left(f"[{self._seed}] day {day}")

    def _kill(
        self, command: tuple[str, ...], planned: Plan, anew: bool
    ) -> tuple[Ended | None, Hit | None]:
        words = [str(self._one.folder / "exp") if word == "EXP" else word for word in command]
        at = ("-C", str(self._one.folder), "--today", str(self._world.today))
        running = launcher.start((*at, *words), self._one.scratch, self._one.variables, anew=anew)
        name = f"{' '.join(command)} {anew}"
        share = _DURATIONS.get(command[0], 0.3) + anew
        usual = self._seconds.get(name, self._scan_seconds * share)
        hit = strike(running, planned, usual, self._one.folder)
        endless = command[0] == "serve" and (hit is None or planned.signal == signal.SIGPIPE)
        ended = running.wait(0.5 if endless else _HANGS_SECONDS)
        if ended is None:
            launcher.end(running)
        elif ended.code == 0:
            self._seconds[name] = (usual + time.monotonic() - running.started) / 2
        return (Ended(0, "", "") if endless and ended is None else ended), hit

    def _judge(
        self,
        where: str,
        command: tuple[str, ...],
        planned: Plan,
        hit: Hit | None,
        ended: Ended | None,
        before: object,
    ) -> None:
        tally = self.tally
        counts = hit is not None and (
            ended is None or command[0] == "serve" or has_killed(ended.code, hit)
        )
        if hit is None or not counts:
            tally.missed += 1
        else:
            tally.kills += 1
            tally.by.update((f"command {command[0]}", f"signal {hit.signal.name}"))
            tally.by.update(f"process {kind}" for kind in hit.kinds)
            where += f" ({hit.signal.name} to {', '.join(hit.kinds)} after {hit.seconds:.3f} s)"
        if ended is None:
            tally.wrong.append(f"{where}: hangs")
            return
        tally.wrong += [f"{where}: {text}" for text in wrong_ending(ended, planned, hit)]
        tally.unknown += ended.code == 3
        if self._one.identity() is None:
            tally.lost.append(f"{where}: the store is gone")
        elif self._one.identity() != before and not tally.wrong_results:
            if command[0] not in ("scan", "import"):
                tally.different.append(f"{where}: the store has changed")
            elif command[0] == "scan" and ended.code != 3:
                tally.comparisons += 1
                found = differences(self._one.tables(), self._expected)
                tally.different += [f"{where}: {text}" for text in found]
                if not tally.wrong_results and self._rng.random() < _STARTS_AGAIN:
                    self._one.restore_store()

    def _must(self, place: Workspace, *arguments: str) -> None:
        ended = place.run(*arguments, today=self._world.today)
        if ended.code:
            words = f"[{self._seed}] {place.folder.name}: {' '.join(arguments)}"
            self.tally.lost.append(f"{words} ended with {ended.code}: {ended.errors.strip()}")

    def _check_stores(self, where: str) -> None:
        if not self.tally.wrong_results:
            self.tally.comparisons += 1
            for found, expected in (
                (self._one.tables(), self._expected),
                (self._one.exported_tables(), self._twin.exported_tables()),
            ):
                self.tally.different += [
                    f"{where}: {text}" for text in differences(found, expected)
                ]

    def _compare_all(self) -> None:
        if not self.tally.wrong_results:
            where = f"[{self._seed}] at the end"
            found = compare(self._one, self._twin, self._world.today)
            self.tally.different += [f"{where}: {text}" for text in found]
            self._check_left(where)
            files = self._one.files() - self._twin.files()
            self.tally.left += [f"{where}: {name}" for name in sorted(files)]

    def _check_left(self, where: str) -> None:
        """Record the processes and temporary files that are left after a successful command."""
        until = time.monotonic() + _LEFT_SECONDS
        while (processes := launcher.left_running()) and time.monotonic() < until:
            time.sleep(0.05)
        found = [f"process {' '.join(map(str, processes))}"] if processes else []
        found += sorted(self._one.temporary_files())
        self.tally.left += [f"{where}: {name}" for name in found]
        shutil.rmtree(self._one.scratch / "tmp", ignore_errors=True)


def _processor_seconds() -> float:
    """Return the processor time of this process and of its children that have ended."""
    return sum(os.times()[:4])


def wrong_ending(ended: Ended, planned: Plan, hit: Hit | None) -> Iterator[str]:
    """Describe what is wrong with the exit code and messages of a command."""
    if found := _BUGS.search(_STARTING.sub("", ended.errors)):
        yield f"prints {found[0]!r}: {ended.errors.strip()[-3000:]}"
    allowed = {0}
    if hit is not None:
        # A signal without a handler ends the command. So does a signal that arrives at the very
        # end, or before the handlers are installed.
        direct = {COMMAND, GROUP}.intersection(hit.kinds)
        # The death of a child process changes nothing, because Headway starts it again.
        allowed |= {-hit.signal} if direct else set()
        if direct and hit.signal in (signal.SIGINT, signal.SIGTERM):
            allowed.add(128 + hit.signal)
    if ended.code not in allowed:
        yield f"exit code {ended.code}: {ended.errors.strip()[-300:]}"
    is_interrupted = ended.code in (130, 143)
    if is_interrupted and planned.target in (COMMAND, GROUP) and not _ONE_LINE.search(ended.errors):
        yield f"exit code {ended.code} with the message {ended.errors!r}"
