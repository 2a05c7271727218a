"""Measure the first scan of an organisation on a forge: `python -m benchmarks.first_night`.

A fake GitHub in another process serves repositories on the loopback interface, with git's own HTTP
backend. The script scans them with an empty store and no mirrors, then again without changes, and
prints one row of a Markdown table for each scan. The processor time is that of Headway and its git
processes, without the forge.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from random import Random

from benchmarks.corpus import make_repository
from benchmarks.measure import adopt_orphans, environment, measured, run, say
from benchmarks.rules import campaign
from tests.support.forge.world import TOKEN

_RULES = 10
_HEADER = (
    "| night | wall | processor | API requests | git requests | per repository | MB from git "
    "| files per mirror | MB of mirrors |"
)


class Forge:
    """A fake forge in another process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.url = self._line()

    def counts(self) -> dict[str, int]:
        """Return the numbers of responses and bytes that the forge has sent since the last call."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        found: dict[str, int] = json.loads(self._line())
        return found

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@contextmanager
def forge(served: Path) -> Iterator[Forge]:
    """Serve the bare repositories of a folder during a block."""
    command = [sys.executable, "-m", "benchmarks.forge_process", str(served)]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, text=True, env=environment()
    ) as process:
        yield Forge(process)
        assert process.stdin is not None
        process.stdin.close()


def make(folder: Path, count: int) -> None:
    """Generate small repositories with varying numbers of commits and files."""

    def one(number: int) -> None:
        generator = Random(number)
        commits, files = int(generator.paretovariate(0.9) * 10), generator.randrange(3, 40)
        make_repository(folder / f"made-{number:04}.git", number, min(commits, 400), files)

    with ThreadPoolExecutor(2) as executor:
        list(executor.map(one, range(count)))


def borrow_real(folder: Path, mirrors: list[Path]) -> None:
    """Clone real repositories, and keep only the default branch of each, as `main`."""
    for mirror in mirrors:
        place = folder / f"{mirror.parent.name.replace('+', '-')}.git"
        tip = run(["git", f"--git-dir={mirror}", "rev-parse", "HEAD"]).decode().strip()
        run(["git", "clone", "-q", "--bare", "--no-hardlinks", "--", mirror, place])
        for line in run(
            ["git", f"--git-dir={place}", "for-each-ref", "--format=%(refname)"]
        ).split():
            run(["git", f"--git-dir={place}", "update-ref", "-d", line.decode()])
        run(["git", f"--git-dir={place}", "update-ref", "refs/heads/main", tip])
        run(["git", f"--git-dir={place}", "symbolic-ref", "HEAD", "refs/heads/main"])


def scan(label: str, workspace: Path, server: Forge, repositories: int, *options: str) -> str:
    """Scan a workspace and return a row of the table."""
    server.counts()
    env = environment() | {"GITHUB_TOKEN": TOKEN}
    command = [sys.executable, "-m", "headway", "-C", str(workspace), "--allow-loopback-http"]
    with measured() as meter:
        done = subprocess.run(
            [*command, "scan", *options], env=env, capture_output=True, check=False
        )
    if done.returncode not in (0, 3):
        raise SystemExit(done.stderr.decode("utf-8", "replace"))
    for line in done.stderr.decode("utf-8", "replace").splitlines():
        if line.startswith("unknown: "):
            say(line)
    counts = server.counts()
    mirrors = workspace / ".headway" / "mirrors"
    files = [file for file in mirrors.rglob("*") if file.is_file()]
    size = sum(file.stat().st_size for file in files)
    return (
        f"| {label} | {meter.cost.wall:,.1f} s | {meter.cost.processor:,.1f} s "
        f"| {counts['api_requests']:,} | {counts['git_requests']:,} "
        f"| {counts['git_requests'] / repositories:.2f} "
        f"| {counts['git_bytes'] / 1e6:,.1f} | {len(files) / repositories:.2f} "
        f"| {size / 1e6:,.1f} |"
    )


def nights(name: str, folder: Path, served: Path, starts: str) -> Iterator[str]:
    """Yield the table rows of the first scan and of a scan without changes."""
    count = len(list(served.glob("*.git")))
    with forge(served) as server:
        (folder / "campaigns").mkdir(parents=True)
        (folder / "headway.toml").write_text(
            '[[sources]]\ntype = "github"\norganization = "acme"\ntoken = "GITHUB_TOKEN"\n'
            f'url = "{server.url}/api/v3"\n'
        )
        (folder / "campaigns" / "benchmark.yaml").write_text(campaign(_RULES, starts))
        yield scan(f"{name}, first night", folder, server, count)
        yield scan(f"{name}, nothing changed", folder, server, count)


def main() -> None:
    parser = argparse.ArgumentParser("python -m benchmarks.first_night", description=__doc__)
    parser.add_argument("--real", type=Path, nargs="*", default=[], help="bare repositories")
    parser.add_argument("--made", type=int, default=0, help="number of repositories to generate")
    parser.add_argument("--kept", type=Path, help="folder that keeps the served repositories")
    options = parser.parse_args()
    adopt_orphans()
    with tempfile.TemporaryDirectory(prefix="headway-first-night-") as name:
        kept = options.kept or Path(name) / "served"
        print(_HEADER)
        print("| --- |" + " ---: |" * (_HEADER.count("|") - 2))
        if options.real:
            real = kept / "real"
            if not real.exists():
                say("borrowing the real repositories")
                real.mkdir(parents=True)
                borrow_real(real, options.real)
            for line in nights(f"{len(options.real)} real", Path(name) / "a", real, "2024-01-01"):
                print(line, flush=True)
        if options.made:
            made = kept / f"made-{options.made}"
            if not made.exists():
                say("generating repositories")
                made.mkdir(parents=True)
                make(made, options.made)
            for line in nights(f"{options.made:,} generated", Path(name) / "b", made, "2020-01-01"):
                print(line, flush=True)


if __name__ == "__main__":
    main()
