"""Kill commands thousands of times, and compare the results with an undisturbed workspace.

    python -m tests.faults.kills [--rounds N] [--seed S] [--minutes M] [--log FILE] [--keep FOLDER]
    python -m tests.faults.kills --total FILES...

In each round, three repositories change for some days, with new commits, force pushes and edits of
definitions. On every day, the program starts commands and kills them by random signals, at a random
time or after a random number of changes to the files. It kills the command itself, its process
group, one of its child processes or all its processes. Only signals that reach a running process
and are not ignored are counted as kills.

Whenever a scan has replaced the store, and after an undisturbed scan at the end of the day, all
tables must be the same as in the twin, a second workspace whose commands are never killed. At the
end of the round, the status, items, burndown, export and site must also be the same. No process,
temporary file or other file may be left behind. In some rounds, both stores are in object storage.

The program prints each problem with the seed of its round. `--seed S --first R --rounds 1` repeats
round R, although the exact moments differ. --keep keeps the folder of a round with a problem. The
exit code is 1 if a problem was found.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.support.kills import launcher
from tests.support.kills.round import Round, Tally
from tests.support.object_storage import Storage, serve_without_proxy


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    if options.total:
        tally = _read(options.total)
    else:
        tally = Tally()
        with serve_without_proxy() as (storage, server):
            launcher.prepare([server])
            for number, found in _rounds(options, storage):
                tally.add(found)
                _print(_summary(number, found))
                for problem in found.problems:
                    _print(f"  {problem}")
                if options.log:
                    _write(options.log, found)
    for line in _report(tally):
        _print(line)
    return int(bool(tally.problems))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("tests.faults.kills", description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--first", type=int, default=0, help="number of the first round")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--days", type=int, default=6, help="days in each round")
    parser.add_argument("--kills", type=int, default=40, help="commands to kill on each day")
    parser.add_argument(
        "--stored", type=int, default=10, help="every Nth round uses object storage; 0 means none"
    )
    parser.add_argument("--minutes", type=float, default=float("inf"), help="begin no later round")
    parser.add_argument("--log", type=Path, help="append the result of each round to this file")
    parser.add_argument("--keep", type=Path, help="keep the folders of failed rounds here")
    parser.add_argument("--total", type=Path, nargs="+", help="only add up these logs")
    return parser


def _rounds(options: argparse.Namespace, storage: Storage) -> Iterator[tuple[int, Tally]]:
    until = time.monotonic() + options.minutes * 60
    for number in range(options.first, options.first + options.rounds):
        if time.monotonic() > until:
            return
        # Do not use `TemporaryDirectory`: a fork of this process would delete the folder on exit.
        folder = Path(tempfile.mkdtemp(prefix="kills-"))
        try:
            seed = f"{options.seed}:{number}"
            is_stored = options.stored > 0 and number % options.stored == options.stored - 1
            storage.clear()
            place = storage if is_stored else None
            found = Round(folder, seed, options.days, options.kills, place).run()
            if found.problems and options.keep:
                with contextlib.suppress(shutil.Error):  # Sockets cannot be copied.
                    shutil.copytree(folder, options.keep / seed, symlinks=True, dirs_exist_ok=True)
        finally:
            shutil.rmtree(folder)
        yield number, found


def _summary(number: int, tally: Tally) -> str:
    return (
        f"round {number}: {tally.kills} kills, {tally.missed} too late, "
        f"{tally.processor_seconds / max(tally.kills, 1):.2f} s of processor time per kill, "
        f"{len(tally.problems)} problems"
    )


def _report(tally: Tally) -> Iterator[str]:
    for kind in ("command", "signal", "process"):
        counts = Counter(
            {name: count for name, count in tally.by.items() if name.startswith(f"{kind} ")}
        )
        shown = (f"{name.partition(' ')[2]} {count:,}" for name, count in counts.most_common())
        yield f"by {kind}: {', '.join(shown)}"
    yield (
        f"{tally.kills:,} kills in {tally.processor_seconds / 60:,.0f} minutes of processor time "
        f"({tally.missed:,} other signals came too late or were ignored), "
        f"{tally.comparisons:,} comparisons of all tables: {len(tally.lost)} lost, "
        f"{len(tally.different)} different, {len(tally.left)} left behind, "
        f"{len(tally.wrong)} wrong exit codes or messages; {tally.unknown} exit codes of 3"
    )


def _write(log: Path, tally: Tally) -> None:
    with log.open("a") as file:
        file.write(json.dumps(vars(tally)) + "\n")


def _read(logs: Iterable[Path]) -> Tally:
    total = Tally()
    for log in logs:
        for line in log.read_text().splitlines():
            fields = json.loads(line)
            total.add(Tally(**{**fields, "by": Counter(fields["by"])}))
    return total


def _print(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - this is a program


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
