"""How it came to be: every first-parent commit of five years, exactly."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from benchmarks.corpus import MAX_FILES, Corpus, Repository, read_blobs
from benchmarks.measure import NOTHING, Cost, in_turn, measured, median, run, say
from benchmarks.results import Section, row
from benchmarks.rules import RULES
from benchmarks.workspaces import Workspace
from headway.git.history import list_tree, walk
from headway.git.path_encoding import text_of
from headway.model.store_records import TrackKey
from headway.progress.tracker import Opening
from headway.scan.commit_chain import whole_chain
from headway.scan.matching import identity_text
from headway.store.store_reader import open_store

_RULES = 10
_YEARS = 5
_WEEK = timedelta(days=7)
_THESEUS = "git-of-theseus-analyze"
_THESEUS_COMMITS = 600
"""Of the repository that it looks at; with 1,500 it takes a quarter of an hour."""


class Chain(NamedTuple):
    """The commits of one repository that are walked, and those in force at the ends of weeks."""

    commits: tuple[str, ...]
    weekly: tuple[str, ...]


class History:
    """The contenders, over one corpus. sample: how many weekly commits of each repository
    `git grep` looks at.
    """

    def __init__(self, corpus: Corpus, folder: Path, sample: int) -> None:
        self.corpus = corpus
        newest = max(_committed_on(it) for it in corpus.repositories)
        self.begin = newest - timedelta(days=round(_YEARS * 365.25))
        self.workspace = Workspace(
            folder / "history", corpus.folder, _RULES, self.begin.isoformat()
        )
        self.chains = {it.name: _chain(it, self.begin, newest) for it in corpus.repositories}
        self.samples = {name: _spread(chain.weekly, sample) for name, chain in self.chains.items()}
        self.found: dict[str, Counter[tuple[str, str]]] = {}
        self.weekly = self.each = NOTHING

    def measure(self, rounds: int) -> Section:
        """Ours and the floor in turn; `git grep` on its sample once in between."""
        blobs = {it.name: self._blobs(it) for it in self.corpus.repositories}
        contenders = {"ours": self.workspace.first_scan, "floor": lambda: self._floor(blobs)}
        before = in_turn(contenders, (rounds + 1) // 2)
        self.grep()
        after = in_turn(contenders, rounds // 2)
        ours, floor = (median(before[name] + after[name]) for name in ("ours", "floor"))
        compared = self.check()
        commits = sum(len(chain.commits) for chain in self.chains.values())
        weekly = sum(len(chain.weekly) for chain in self.chains.values())
        looked_at = sum(map(len, self.samples.values()))
        many = sum(map(len, blobs.values()))
        text = (
            f"{_RULES} rules over {commits:,} first-parent commits since {self.begin} and "
            f"{many:,} different contents. `git grep -P`, rule by rule, looked at {looked_at:,} of "
            f"the {weekly:,} weekly commits, evenly spread over each repository's; its times are "
            "scaled up from them. At all of those Headway holds the same lines as it finds: "
            f"{compared:,} in all."
        )
        rows = [
            row(
                f"{_RULES} rules, exact", ours, "git grep, weekly commits", self.weekly, faster=100
            ),
            row(f"{_RULES} rules, exact", ours, "git grep, every commit", self.each),
            row(
                f"{_RULES} rules, exact",
                ours,
                "the floor: git reads each content once",
                floor,
                at_most=2,
            ),
        ]
        return Section("How it came to be", text, tuple(rows))

    def grep(self) -> None:
        """`git grep` on the sample; fills `found`, `weekly` and `each`."""
        for it in self.corpus.repositories:
            sample, chain = self.samples[it.name], self.chains[it.name]
            answers = []
            with measured() as meter:
                for commit in sample:
                    for rule in RULES[:_RULES]:
                        arguments = ("grep", "-P", "-h", "-I", "-e", rule.pattern, commit)
                        answers.append((commit, rule.name, it.git(*arguments, fine=(0, 1))))
            for commit, rule_name, answer in answers:
                lines = self.found.setdefault(f"{it.name} {commit}", Counter())
                for line in answer.split(b"\n")[:-1]:
                    lines[rule_name, _folded(line)] += 1
            if sample:
                self.weekly = self.weekly.plus(meter.cost.times(len(chain.weekly) / len(sample)))
                self.each = self.each.plus(meter.cost.times(len(chain.commits) / len(sample)))
        say(f"git grep, weekly: {self.weekly}; every commit: {self.each}")

    def check(self) -> int:
        """That Headway holds at each sampled commit what `git grep` finds; how many lines."""
        with open_store(self.workspace.store) as store:
            keys = {record.listed.name: key for key, record in store.repositories.records().items()}
            known = store.items.openings(list(keys.values()), ["benchmark"])
        compared = 0
        for name, chain in self.chains.items():
            mine = {
                rule.name: known.get(_key(rule.name, keys[name]), []) for rule in RULES[:_RULES]
            }
            for commit, held in _replay(chain.commits, mine, set(self.samples[name])):
                found = self.found[f"{name} {commit}"]
                compared += found.total()
                if held != found:
                    say(f"{name} {commit}: {held - found} {found - held}")
                    raise SystemExit("headway and git grep do not find the same")
        return compared

    def _blobs(self, it: Repository) -> list[str]:
        """The different contents of the walk, the versions of each path together, latest first."""
        first = self.chains[it.name].commits[0]
        paths: dict[str, str] = {}
        for change in list_tree(it.git_dir, first, text_of, max_files=MAX_FILES):
            if change.new:
                paths.setdefault(change.new, change.path)
        for step in walk(it.git_dir, it.tip, first, text_of, max_files=MAX_FILES):
            for change in step.changes:
                if change.new:
                    paths.setdefault(change.new, change.path)
        latest_first = list(reversed(paths))
        return sorted(latest_first, key=paths.__getitem__)

    def _floor(self, blobs: Mapping[str, list[str]]) -> Cost:
        ordered = sorted(self.corpus.repositories, key=lambda it: -len(blobs[it.name]))
        with measured() as meter, ThreadPoolExecutor(2) as executor:
            list(executor.map(lambda it: read_blobs(it, blobs[it.name]), ordered))
        return meter.cost


def theseus(corpus: Corpus, folder: Path, rounds: int) -> Section:
    """git-of-theseus over one small repository: a different job, by blame, week by week."""
    title = "git-of-theseus"
    if shutil.which(_THESEUS) is None:
        return Section(title, f"`{_THESEUS}` is not on this machine: not measured.")
    counts = {
        it: int(it.git("rev-list", "--first-parent", "--count", it.tip))
        for it in corpus.repositories
    }
    chosen = min(counts, key=lambda it: abs(counts[it] - _THESEUS_COMMITS))
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
        f"The whole history of {chosen.name}, {counts[chosen]:,} first-parent commits. "
        "git-of-theseus says of each line how old it is, by blame, at one commit a week: a "
        "different job, and the tool that people draw such curves with."
    )
    made = row("10 rules, exact", median(costs["ours"]), "git-of-theseus", median(costs["theirs"]))
    return Section(title, text, (made,))


def _committed_on(it: Repository) -> date:
    seconds = int(it.git("show", "-s", "--format=%ct", it.tip))
    return datetime.fromtimestamp(seconds, UTC).date()


def _chain(it: Repository, begin: date, end: date) -> Chain:
    chain = whole_chain(it.git_dir, it.tip)
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
    """`count` of them, or all when there are fewer, evenly spread."""
    if len(commits) <= count:
        return tuple(commits)
    return tuple(commits[(2 * number + 1) * len(commits) // (2 * count)] for number in range(count))


def _key(rule: str, repository: str) -> TrackKey:
    return TrackKey("benchmark", rule, repository)


def _folded(line: bytes) -> str:
    return identity_text(line.decode("utf-8", "backslashreplace"))


def _replay(
    commits: Sequence[str], openings: Mapping[str, Sequence[Opening]], wanted: set[str]
) -> Iterator[tuple[str, Counter[tuple[str, str]]]]:
    """Each wanted commit, and the (rule, line) that were open in it."""
    opened, closed = defaultdict(list), defaultdict(list)
    for rule, several in openings.items():
        for opening in several:
            opened[opening.opened_commit].append((rule, opening.spot.text))
            if opening.closed_commit is not None:
                closed[opening.closed_commit].append((rule, opening.spot.text))
    held: Counter[tuple[str, str]] = Counter()
    for commit in commits:
        held.update(opened[commit])
        held.subtract(closed[commit])
        if commit in wanted:
            yield commit, +held
