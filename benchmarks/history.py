"""Benchmark of the history: an exact search of all first-parent commits of five years."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from benchmarks.corpus import MAX_FILES, Corpus, Repository, first_parent_commits, read_blobs
from benchmarks.measure import NOTHING, Cost, in_turn, measured, median, run, say
from benchmarks.results import Section, row
from benchmarks.rules import RULES
from benchmarks.workspaces import Workspace
from headway.git.history import list_tree, walk
from headway.git.path_encoding import text_of
from headway.model.store_records import TrackKey
from headway.progress.opening import Opening
from headway.scan.commit_chain import Horizon, whole_chain
from headway.scan.spots import exact_text, identity_text
from headway.store.store_reader import open_store

_RULES = 10
_YEARS = 5
_WEEK = timedelta(days=7)
_THESEUS = "git-of-theseus-analyze"
_THESEUS_COMMITS = 600
"""The approximate number of commits in the repository that git-of-theseus analyses.

git-of-theseus takes 15 minutes for 1,500 commits.
"""


class Chain(NamedTuple):
    """The commits of one repository in the measured period, oldest first."""

    commits: tuple[str, ...]
    weekly: tuple[str, ...]
    """The last first-parent commit of each week."""


class History:
    """Compares Headway with `git grep` runs on a sample of the weekly commits."""

    def __init__(self, corpus: Corpus, folder: Path, sample: int) -> None:
        self.corpus = corpus
        newest = max(_committed_on(repository) for repository in corpus.repositories)
        self.begin = newest - timedelta(days=round(_YEARS * 365.25))
        self.workspace = Workspace(
            folder / "history", corpus.folder, _RULES, self.begin.isoformat()
        )
        self.chains = {
            repository.name: _chain(repository, self.begin, newest)
            for repository in corpus.repositories
        }
        self.samples = {name: _spread(chain.weekly, sample) for name, chain in self.chains.items()}
        self.found: dict[str, Counter[tuple[str, str]]] = {}
        self.weekly = self.every_commit = NOTHING

    def measure(self, rounds: int) -> Section:
        """Alternate between Headway and the lower bound, and run `git grep` once in between."""
        blobs = {
            repository.name: self._blobs(repository) for repository in self.corpus.repositories
        }
        tools = {"ours": self.workspace.first_scan, "floor": lambda: self._floor(blobs)}
        before = in_turn(tools, (rounds + 1) // 2)
        self.grep()
        after = in_turn(tools, rounds // 2)
        ours, floor = (median(before[name] + after[name]) for name in ("ours", "floor"))
        compared = self.check()
        commits = sum(len(chain.commits) for chain in self.chains.values())
        weekly = sum(len(chain.weekly) for chain in self.chains.values())
        looked_at = sum(map(len, self.samples.values()))
        many = sum(map(len, blobs.values()))
        text = (
            f"The scan searches {commits:,} first-parent commits since {self.begin} for {_RULES} "
            f"rules; these commits contain {many:,} different file versions. `git grep -P` "
            f"searched {looked_at:,} of the {weekly:,} weekly commits, one rule at a time, and its "
            "times are extrapolated from this sample. At each commit of the sample, the open items "
            f"are exactly the lines that `git grep` found: {compared:,} in total."
        )
        rows = [
            row(
                f"{_RULES} rules, exact",
                ours,
                "git grep, one commit per week",
                self.weekly,
                faster=100,
            ),
            row(f"{_RULES} rules, exact", ours, "git grep, every commit", self.every_commit),
            row(
                f"{_RULES} rules, exact",
                ours,
                "lower bound: git reads each version once",
                floor,
                at_most=2,
            ),
        ]
        return Section("Five years of history", text, tuple(rows))

    def grep(self) -> None:
        """Run `git grep` on the sampled commits, and set `found`, `weekly` and `every_commit`."""
        for repository in self.corpus.repositories:
            sample, chain = self.samples[repository.name], self.chains[repository.name]
            answers = []
            with measured() as meter:
                for commit in sample:
                    for rule in RULES[:_RULES]:
                        arguments = ("grep", "-P", "-h", "-I", "-e", rule.pattern, commit)
                        answers.append((commit, rule.name, repository.git(*arguments, fine=(0, 1))))
            for commit, rule_name, answer in answers:
                lines = self.found.setdefault(f"{repository.name} {commit}", Counter())
                for line in answer.split(b"\n")[:-1]:
                    lines[rule_name, _folded(line)] += 1
            if sample:
                self.weekly = self.weekly.plus(meter.cost.times(len(chain.weekly) / len(sample)))
                self.every_commit = self.every_commit.plus(
                    meter.cost.times(len(chain.commits) / len(sample))
                )
        say(f"git grep, weekly: {self.weekly}; every commit: {self.every_commit}")

    def check(self) -> int:
        """Check that Headway and `git grep` agree at each sampled commit.

        Returns:
            The number of lines that both tools found.
        """
        with open_store(self.workspace.store) as store:
            keys = {record.listed.name: key for key, record in store.repositories.records().items()}
            openings = store.items.openings(list(keys.values()), ["benchmark"])
        compared = 0
        for name, chain in self.chains.items():
            by_rule = {
                rule.name: openings.get(_key(rule.name, keys[name]), []) for rule in RULES[:_RULES]
            }
            for commit, open_lines in _replay(chain.commits, by_rule, set(self.samples[name])):
                found = self.found[f"{name} {commit}"]
                compared += found.total()
                if open_lines != found:
                    say(f"{name} {commit}: {open_lines - found} {found - open_lines}")
                    raise SystemExit("headway and git grep found different lines")
        return compared

    def _blobs(self, repository: Repository) -> list[str]:
        """Return all blobs that a scan reads, grouped by path, latest version first."""
        first = self.chains[repository.name].commits[0]
        paths: dict[str, str] = {}
        for change in list_tree(repository.git_dir, first, text_of, max_files=MAX_FILES):
            if change.new:
                paths.setdefault(change.new, change.path)
        for step in walk(repository.git_dir, repository.tip, first, text_of, max_files=MAX_FILES):
            for change in step.changes:
                if change.new:
                    paths.setdefault(change.new, change.path)
        latest_first = list(reversed(paths))
        return sorted(latest_first, key=paths.__getitem__)

    def _floor(self, blobs: Mapping[str, list[str]]) -> Cost:
        ordered = sorted(
            self.corpus.repositories, key=lambda repository: -len(blobs[repository.name])
        )
        with measured() as meter, ThreadPoolExecutor(2) as executor:
            list(
                executor.map(
                    lambda repository: read_blobs(repository, blobs[repository.name]), ordered
                )
            )
        return meter.cost


def theseus(corpus: Corpus, folder: Path, rounds: int) -> Section:
    """Compare Headway with git-of-theseus on one small repository."""
    title = "git-of-theseus"
    if shutil.which(_THESEUS) is None:
        return Section(title, f"`{_THESEUS}` is not installed, so it was not measured.")
    counts = {repository: first_parent_commits(repository) for repository in corpus.repositories}
    chosen = min(counts, key=lambda repository: abs(counts[repository] - _THESEUS_COMMITS))
    clones = folder / "theseus-clones"
    if not clones.exists():
        run(["git", "clone", "-q", chosen.git_dir, clones / "one"])
    workspace = Workspace(folder / "theseus", clones, _RULES, "1990-01-01")

    def analyse() -> Cost:
        with tempfile.TemporaryDirectory() as out, measured() as meter:
            run([_THESEUS, "--quiet", "--outdir", out, clones / "one"])
        return meter.cost

    costs = in_turn({"ours": workspace.first_scan, "theirs": analyse}, min(rounds, 1))
    text = (
        f"Both tools read the whole history of {chosen.name}: {counts[chosen]:,} first-parent "
        "commits. git-of-theseus runs `git blame` on one commit per week to find the age of every "
        "line. The tools do different jobs, but people use git-of-theseus to draw similar charts."
    )
    comparison = row(
        "10 rules, exact", median(costs["ours"]), "git-of-theseus", median(costs["theirs"])
    )
    return Section(title, text, (comparison,))


def _committed_on(repository: Repository) -> date:
    seconds = int(repository.git("show", "-s", "--format=%ct", repository.tip))
    return datetime.fromtimestamp(seconds, UTC).date()


def _chain(repository: Repository, begin: date, end: date) -> Chain:
    chain = whole_chain(repository.git_dir, repository.tip, Horizon(end, None))
    commits = chain.commits
    first = chain.in_force_at_start_of(begin) or 0
    weekly: dict[str, None] = {}
    day = begin
    while day <= end:
        place = chain.in_force_at_start_of(day)
        if place is not None:
            weekly[commits[place]] = None
        day += _WEEK
    return Chain(tuple(commits[first:]), tuple(weekly))


def _spread(commits: Sequence[str], count: int) -> tuple[str, ...]:
    """Return `count` evenly spaced commits, or all commits if there are fewer."""
    if len(commits) <= count:
        return tuple(commits)
    return tuple(commits[(2 * number + 1) * len(commits) // (2 * count)] for number in range(count))


def _key(rule: str, repository: str) -> TrackKey:
    return TrackKey("benchmark", rule, repository)


def _folded(line: bytes) -> str:
    """Return a line in the form of an opening's text, which is cut if it is very long."""
    return identity_text(exact_text(line.decode("utf-8", "backslashreplace")))


def _replay(
    commits: Sequence[str], openings: Mapping[str, Sequence[Opening]], wanted: set[str]
) -> Iterator[tuple[str, Counter[tuple[str, str]]]]:
    """Yield each wanted commit with its open items, counted by rule and text of the line."""
    opened, closed = defaultdict(list), defaultdict(list)
    for rule, found in openings.items():
        for opening in found:
            # An edit replaces one line with another without closing the item.
            versions = opening.all_versions
            ends = [*(version.commit for version in versions[1:]), opening.closed_commit]
            for version, end in zip(versions, ends, strict=True):
                line = (rule, identity_text(version.text))
                opened[version.commit].append(line)
                if end is not None:
                    closed[end].append(line)
    open_lines: Counter[tuple[str, str]] = Counter()
    for commit in commits:
        open_lines.update(opened[commit])
        open_lines.subtract(closed[commit])
        if commit in wanted:
            yield commit, +open_lines
