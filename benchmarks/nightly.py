"""Benchmark of nightly rescans after few or no changes."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.corpus import Corpus, Repository, borrow, first_parent_commits, point
from benchmarks.measure import Cost, in_turn, measured, median, run
from benchmarks.results import Section, row
from benchmarks.workspaces import Workspace

_MIRRORS = 1000
_CHANGED = 20
_BEHIND = 20
_RULES = 10


class Nightly:
    """Measures 1,000 mirrors that share the objects of the corpus but have different tips."""

    def __init__(self, corpus: Corpus, folder: Path) -> None:
        self.clones = folder / "mirrors"
        self.tips = list(itertools.islice(_tips(corpus), _MIRRORS))
        for number, (repository, commits) in enumerate(self.tips):
            borrow(self.clones / f"{repository.name}-{number:04}.git", repository, commits[-1])
        self.workspace = Workspace(folder / "nightly", self.clones, _RULES)

    def measure(self, rounds: int) -> Section:
        """Measure one first scan and several rescans."""
        first = self.workspace.first_scan()
        nothing = median(in_turn({"nothing": self.workspace.scan}, rounds)["nothing"])
        deciding = in_turn({"ours": self.find_changes, "rev-parse": self.rev_parse}, rounds)
        few = []
        for behind in range(1, rounds + 1):
            self._move(behind)
            few.append(self.workspace.scan())
        text = (
            f"The workspace has {_RULES} rules and {len(self.tips):,} local mirrors, which are "
            "copies of smaller repositories of the corpus at different commits. To find changes, "
            "Headway lists the mirrors, reads their tips and compares the tips with the store. "
            f"Before each rescan with changes, {_CHANGED} mirrors get a new commit, which contains "
            "the changes of several commits of the original repository."
        )
        rows = (
            row(
                "finding that nothing changed",
                median(deciding["ours"]),
                "one `git rev-parse` per mirror",
                median(deciding["rev-parse"]),
                faster=30,
            ),
            row("rescan, nothing changed", nothing, "the first scan", first, at_most=0.03),
            row("rescan, 2% changed", median(few), "the first scan", first, at_most=0.03),
        )
        return Section("Nightly rescan", text, rows)

    def find_changes(self) -> Cost:
        """Measure how long it takes to list the mirrors and compare their tips with the store."""
        from headway.forges.sources.local import LocalSource
        from headway.store.store_reader import open_store

        with open_store(self.workspace.store) as store:
            cursors = store.walks.cursors()
            scanned = {key.repository: cursor.commit for key, cursor in cursors.items()}
        with measured() as meter:
            listed = LocalSource(self.clones, str(self.clones)).list_repositories().repositories
            moved = [
                repository.key for repository in listed if scanned[repository.key] != repository.tip
            ]
        if moved or len(listed) != len(self.tips):
            raise SystemExit(f"{len(moved)} of {len(listed)} mirrors have changed unexpectedly")
        return meter.cost

    def rev_parse(self) -> Cost:
        """Measure how long it takes to read all tips with one git process per mirror."""
        places = sorted(self.clones.iterdir())
        with measured() as meter:
            for place in places:
                run(["git", f"--git-dir={place}", "rev-parse", "HEAD"])
        return meter.cost

    def _move(self, round_number: int) -> None:
        for number in range(_CHANGED):
            index = number * len(self.tips) // _CHANGED
            repository, commits = self.tips[index]
            place = self.clones / f"{repository.name}-{index:04}.git"
            _land(place, commits[-1 - round_number * (_BEHIND // 5)])


def _tips(corpus: Corpus) -> Iterator[tuple[Repository, list[str]]]:
    """Yield small repositories repeatedly, each time with an older commit as the tip.

    Each repository is yielded with the list of its commits from the newest commit to this tip.
    """
    chains = {
        repository: repository.git("rev-list", "--first-parent", "-n", "3000", repository.tip)
        .decode()
        .split()
        for repository in corpus.repositories
    }
    small = sorted(corpus.repositories, key=lambda repository: len(chains[repository]))[:12]
    for step in itertools.count(_BEHIND + 1):
        for repository in small:
            end = step * 2 % len(chains[repository]) or 1
            if end > _BEHIND:
                yield repository, chains[repository][: end + 1]


def _land(place: Path, later: str) -> None:
    """Add a commit with the tree of a later commit, as if later changes were merged today."""
    git = ["git", f"--git-dir={place}", "-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
    made = run([*git, "commit-tree", "-p", "HEAD", "-m", "today", f"{later}^{{tree}}"])
    point(place, made.decode().strip())


def worker_memory(corpus: Corpus, folder: Path) -> Section:
    """Measure the peak memory of one process that scans a long history."""
    counts = {repository: first_parent_commits(repository) for repository in corpus.repositories}
    # The memory target is defined for a history of 28,000 commits.
    chosen = min(counts, key=lambda repository: abs(counts[repository] - 28_000))
    borrow(folder / "one" / f"{chosen.name}.git", chosen, chosen.tip)
    workspace = Workspace(folder / "memory", folder / "one", _RULES, "1990-01-01")
    program = (
        "import resource, sys\n"
        "from headway.cli import main\n"
        "try:\n    main()\n"
        "except SystemExit:\n    pass\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )
    output = run(
        [sys.executable, "-c", program, "-C", workspace.folder, "scan", "--jobs", "1"], fine=(0, 3)
    )
    megabytes = int(output.split()[-1]) // 1024
    text = (
        f"Scanning {chosen.name} ({counts[chosen]:,} first-parent commits) for {_RULES} rules in "
        f"one process, which also writes the store, needs at most {megabytes:,} MB of resident "
        f"memory (target: 300 MB, {'met' if megabytes <= 300 else '**not met**'})."
    )
    return Section("Memory", text)
