"""Measure the nights of an organisation with many mirrors: `python -m benchmarks.many_mirrors`.

The script generates small repositories with different contents, scans them for ten rules with an
empty store, scans them again without changes and then with changes in 2% of them. For each night,
it prints one row of a Markdown table. The peak memory is the sum over all processes of the scan;
memory that several processes share is counted once (Linux only).
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.corpus import Repository, borrow, generated_lines, point
from benchmarks.measure import adopt_orphans, environment, measured, peak_memory, run, say
from benchmarks.workspaces import Workspace

_RULES = 10
_TOGETHER = 500
"""The number of mirrors that share the object folder of one generated repository."""
_COMMITS = 5
_FILES = 4
_BEGIN = 1_600_000_000
_DAY = 86_400
_HEADER = "| night | wall | processor | peak memory |"


@dataclass(frozen=True, slots=True)
class Mirror:
    """A generated mirror."""

    place: Path
    next_tip: str
    """A commit whose parent is the current tip."""


def make_mirrors(folder: Path, count: int) -> list[Mirror]:
    """Generate bare repositories with five commits and four files each.

    Every repository has its own contents. The objects of 500 repositories are in one folder, from
    which these repositories borrow them.
    """
    mirrors = []
    for first in range(0, count, _TOGETHER):
        numbers = range(first, min(first + _TOGETHER, count))
        shared = _make_shared(folder / "shared" / f"{first:06}.git", numbers)
        tips = shared.git("for-each-ref", "--format=%(refname:lstrip=2) %(objectname)")
        tip_of = dict(line.split() for line in tips.decode().splitlines())
        for number in numbers:
            place = folder / "mirrors" / f"{number // 1000:03}" / f"made-{number:06}.git"
            borrow(place, shared, tip_of[f"tip-{number}"])
            mirrors.append(Mirror(place, tip_of[f"next-{number}"]))
    return mirrors


def measure(folder: Path, count: int) -> Iterator[str]:
    """Yield the rows of the table.

    Args:
        folder: An empty folder.
        count: The number of mirrors.
    """
    mirrors = make_mirrors(folder, count)
    say(f"generated {count:,} mirrors")
    workspace = Workspace(folder / "workspace", folder / "mirrors", _RULES)
    yield _HEADER
    yield "| --- | ---: | ---: | ---: |"
    yield _night("first night", workspace)
    yield _night("nothing changed", workspace)
    for mirror in mirrors[::50]:
        point(mirror.place, mirror.next_tip)
    yield _night("2% changed", workspace)


def _night(name: str, workspace: Workspace) -> str:
    with measured() as meter, peak_memory() as peak:
        workspace.headway("scan")
    cost = meter.cost
    row = f"| {name} | {cost.wall:.1f} s | {cost.processor:.1f} s | {peak[0] / 1e6:,.0f} MB |"
    say(row)
    return row


def _make_shared(path: Path, numbers: range) -> Repository:
    """Generate a repository with the branches `tip-N` and `next-N` for each number."""
    run(["git", "init", "-q", "--bare", path])
    with subprocess.Popen(
        ["git", f"--git-dir={path}", "fast-import", "--quiet", "--done"],
        stdin=subprocess.PIPE,
        env=environment(),
    ) as process:
        assert process.stdin is not None
        for number in numbers:
            process.stdin.writelines(_stream(number))
        process.stdin.write(b"done\n")
    if process.returncode:
        raise SystemExit("git fast-import failed")
    return Repository(path.stem, path, "")


def _stream(number: int) -> Iterator[bytes]:
    """Yield the commits of one mirror. The last commit is on the branch `next-N`."""
    generator = random.Random(number)
    files = [generated_lines(generator, 40) for _ in range(_FILES)]
    branch = b"refs/heads/tip-%d" % number
    for commit in range(_COMMITS + 1):
        parent = b""
        if commit == _COMMITS:
            parent, branch = b"from %b\n" % branch, b"refs/heads/next-%d" % number
        yield b"commit %b\n" % branch
        when = _BEGIN + (number + commit) * _DAY // 50
        yield b"committer Ada Example <ada@example.com> %d +0000\ndata 6\nchange\n" % when
        yield parent
        for index in range(_FILES) if not commit else [generator.randrange(_FILES)]:
            files[index][generator.randrange(40)] = generated_lines(generator, 1)[0]
            content = "\n".join(files[index]).encode() + b"\n"
            yield b"M 100644 inline src/part%d/file.py\ndata %d\n" % (index, len(content))
            yield content + b"\n"


def main() -> None:
    """Run the benchmark and print the table."""
    parser = argparse.ArgumentParser("python -m benchmarks.many_mirrors", description=__doc__)
    parser.add_argument("--mirrors", type=int, default=20_000, help="number of mirrors")
    parser.add_argument("--folder", type=Path, help="an empty folder (default: a temporary one)")
    options = parser.parse_args()
    adopt_orphans()
    with tempfile.TemporaryDirectory(prefix="headway-benchmark-") as name:
        for line in measure(options.folder or Path(name), options.mirrors):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
