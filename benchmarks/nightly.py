"""The night after: nothing has changed, or little."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.corpus import Corpus, Repository, borrow, point
from benchmarks.measure import Cost, in_turn, measured, median, run
from benchmarks.results import Section, row
from benchmarks.workspaces import Workspace

_MIRRORS = 1000
_CHANGED = 20
_BEHIND = 20
_RULES = 10


class Nightly:
    """A thousand mirrors that borrow the objects of the corpus, each at a commit of its own."""

    def __init__(self, corpus: Corpus, folder: Path) -> None:
        self.clones = folder / "mirrors"
        self.tips = list(itertools.islice(_tips(corpus), _MIRRORS))
        for number, (it, commits) in enumerate(self.tips):
            borrow(self.clones / f"{it.name}-{number:04}.git", it, commits[-1])
        self.workspace = Workspace(folder / "nightly", self.clones, _RULES)

    def measure(self, rounds: int) -> Section:
        """The first scan once; then nights."""
        first = self.workspace.first_scan()
        nothing = median(in_turn({"nothing": self.workspace.scan}, rounds)["nothing"])
        decide = in_turn({"ours": self.decide, "rev-parse": self.rev_parse}, rounds)
        few = []
        for behind in range(1, rounds + 1):
            self._move(behind)
            few.append(self.workspace.scan())
        text = (
            f"{len(self.tips):,} local mirrors of the corpus's smaller repositories, at different "
            f"commits, and {_RULES} rules. Deciding is: list the mirrors, read where each stands, "
            "and hold it against the store. Changed: what some commits of the original did landed "
            f"today in {_CHANGED} of them."
        )
        rows = (
            row(
                "deciding that nothing changed",
                median(decide["ours"]),
                "one `git rev-parse` each",
                median(decide["rev-parse"]),
                faster=30,
            ),
            row("a whole night, nothing changed", nothing, "the first scan", first, at_most=0.03),
            row("a whole night, 2 % changed", median(few), "the first scan", first, at_most=0.03),
        )
        return Section("The night after", text, rows)

    def decide(self) -> Cost:
        """Listing and planning alone, in a process that is there already."""
        from headway.forges.sources.local import LocalSource
        from headway.store.store_reader import open_store

        with open_store(self.workspace.store) as store:
            cursors = store.walks.cursors()
            stands = {key.repository: cursor.commit for key, cursor in cursors.items()}
        with measured() as meter:
            listed = LocalSource(self.clones, str(self.clones)).list_repositories().repositories
            moved = [it.key for it in listed if stands[it.key] != it.tip]
        if moved or len(listed) != len(self.tips):
            raise SystemExit(f"{len(moved)} of {len(listed)} mirrors seem to have moved")
        return meter.cost

    def rev_parse(self) -> Cost:
        """The same question to git, mirror by mirror."""
        places = sorted(self.clones.iterdir())
        with measured() as meter:
            for place in places:
                run(["git", f"--git-dir={place}", "rev-parse", "HEAD"])
        return meter.cost

    def _move(self, round_number: int) -> None:
        for number in range(_CHANGED):
            index = number * len(self.tips) // _CHANGED
            it, commits = self.tips[index]
            place = self.clones / f"{it.name}-{index:04}.git"
            _land(place, commits[-1 - round_number * (_BEHIND // 5)])


def _tips(corpus: Corpus) -> Iterator[tuple[Repository, list[str]]]:
    """Repositories again and again, each time further back; the commits that follow come first."""
    chains = {
        it: it.git("rev-list", "--first-parent", "-n", "3000", it.tip).decode().split()
        for it in corpus.repositories
    }
    small = sorted(corpus.repositories, key=lambda it: len(chains[it]))[:12]
    for step in itertools.count(_BEHIND + 1):
        for it in small:
            end = step * 2 % len(chains[it]) or 1
            if end > _BEHIND:
                yield it, chains[it][: end + 1]


def _land(place: Path, later: str) -> None:
    """A commit of now, with what has changed until a later one: as if merged today."""
    git = ["git", f"--git-dir={place}", "-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
    made = run([*git, "commit-tree", "-p", "HEAD", "-m", "today", f"{later}^{{tree}}"])
    point(place, made.decode().strip())


def worker_memory(corpus: Corpus, folder: Path) -> Section:
    """The largest that the process becomes which walks a long history from its first commit."""
    counts = {
        it: int(it.git("rev-list", "--first-parent", "--count", it.tip))
        for it in corpus.repositories
    }
    # what is promised is said of so long a history
    chosen = min(counts, key=lambda it: abs(counts[it] - 28_000))
    borrow(folder / "one" / f"{chosen.name}.git", chosen, chosen.tip)
    workspace = Workspace(folder / "memory", folder / "one", _RULES, "1990-01-01")
    program = (
        "import resource, sys\n"
        "from headway.cli import main\n"
        "try:\n    main()\n"
        "except SystemExit:\n    pass\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )
    said = run(
        [sys.executable, "-c", program, "-C", workspace.folder, "scan", "--jobs", "1"], fine=(0, 3)
    )
    megabytes = int(said.split()[-1]) // 1024
    text = (
        f"{chosen.name}, {counts[chosen]:,} first-parent commits from the first, {_RULES} rules, "
        f"in one process that also writes the store: at most {megabytes:,} MB resident "
        f"(target: at most 300 MB: {'met' if megabytes <= 300 else '**not met**'})."
    )
    return Section("Memory", text)
