"""Measure a scan of many versions of a large lock file: `python -m benchmarks.lock_files`.

The script creates a repository in which every commit changes a few packages of one lock file. It
then scans the whole history with rules of the `dependency` scanner, and prints the elapsed time,
the processor time and the memory of the largest process of the scan.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.lock_formats import FORMATS, PREFIXES, RANGES, Format, entry_of
from benchmarks.measure import environment, measured, run, say

_START = 1_500_000_000
_HOURS = 6 * 3600
"""The time between two commits, in seconds."""
_CHANGED = 3
"""The number of packages that each commit changes."""
_REQUIRED = 30
"""The number of packages that the manifest names."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Create the repository and measure one scan for each number of rules."""
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("--format", choices=FORMATS, default="npm")
    parser.add_argument("--versions", type=int, default=1000)
    parser.add_argument("--megabytes", type=float, default=2.0)
    parser.add_argument("--rules", type=int, nargs="+", default=[1, 10, 100])
    parser.add_argument("--folder", type=Path, help="where to create the repository")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="headway-locks-") as name:
        folder = options.folder or Path(name)
        chosen = FORMATS[options.format]
        if not (folder / "clones").exists():
            create(folder / "clones" / "shop.git", chosen, options.versions, options.megabytes)
        for rules in options.rules:
            _measure(folder, chosen, rules)


def create(git_dir: Path, chosen: Format, versions: int, megabytes: float) -> None:
    """Create a repository with a manifest and `versions` versions of its lock file."""
    run(["git", "init", "-q", "--bare", "-b", "main", git_dir])
    with subprocess.Popen(
        ["git", "--git-dir", git_dir, "fast-import", "--quiet"], stdin=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        for part in _commits(chosen, versions, int(megabytes * 1_000_000)):
            process.stdin.write(part)
    if process.returncode:
        raise SystemExit("git fast-import failed")
    run(["git", "--git-dir", git_dir, "repack", "-q", "-a", "-d", "-f"])


def _commits(chosen: Format, versions: int, size: int) -> Iterator[bytes]:
    chance = random.Random(20260105)
    entry_size = len(chosen.entry(entry_of(0, 0)) + chosen.separator)
    locked = dict.fromkeys(range(max(_REQUIRED, size // entry_size)), 0)
    required = [f"package-{package}" for package in range(_REQUIRED)]
    for number in range(versions):
        if number:
            for package in chance.sample(list(locked), _CHANGED):
                locked[package] += 1
        lock, manifest = chosen.lock_text(locked), chosen.required(required, number)
        when = _START + number * _HOURS
        yield b"commit refs/heads/main\n"
        yield f"committer Ada <ada@example.com> {when} +0000\ndata 4\nBump\n".encode()
        for path, text in ((chosen.lock, lock), (chosen.manifest, manifest)):
            content = text.encode()
            yield b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(content), content)


def _measure(folder: Path, chosen: Format, rules: int) -> None:
    work = folder / f"rules-{rules}"
    (work / "campaigns").mkdir(parents=True, exist_ok=True)
    source = f'[[sources]]\ntype = "local"\npath = {json.dumps(str(folder / "clones"))}\n'
    (work / "headway.toml").write_text(source)
    prefix = PREFIXES.get(chosen.ecosystem, "")
    deprecated = RANGES.get(chosen.ecosystem, "<1.2")
    entries = [
        f"  - {{id: rule-{number}, scanner: dependency, ecosystem: {chosen.ecosystem}, "
        f"package: '{prefix}package-{number}', versions: '{deprecated}'}}\n"
        for number in range(rules)
    ]
    text = f"title: Locks\nstarts: 2000-01-01\ndeprecated:\n{''.join(entries)}"
    (work / "campaigns" / "locks.yaml").write_text(text)
    (work / "headway.duckdb").unlink(missing_ok=True)
    with measured() as meter:
        largest = _scan(work)
    say(
        f"{rules:,} rules: {meter.cost.wall:.1f} s, processor {meter.cost.processor:.1f} s, "
        f"largest process {largest:.0f} MB"
    )


def _scan(work: Path) -> float:
    """Run a scan, and return the peak memory of its largest process, in MB."""
    command = [sys.executable, "-m", "headway", "-C", os.fspath(work), "scan", "--jobs", "1"]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment()
    ) as process:
        assert process.stderr is not None
        error = process.stderr.read()
        # The usage of all child processes would include git, which created the repository.
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, stderr=error)
    return usage.ru_maxrss / 1000


if __name__ == "__main__":
    main()
