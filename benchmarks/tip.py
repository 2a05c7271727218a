"""Benchmark of the current state: a search of all files at the tips for every rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.corpus import MAX_FILES, Corpus, blobs_at_tip, read_blobs
from benchmarks.measure import Cost, in_turn, measured, median, run, say
from benchmarks.results import Row, Section, row
from benchmarks.rules import RULES, Rule
from benchmarks.workspaces import Workspace
from headway.git.objects import is_binary
from headway.git.path_encoding import text_of
from headway.git.worktree import write_files

Match = tuple[str, str, str, int]
"""(Rule, repository, path, line number) of a match."""

FLOOR = "lower bound: git reads each file once"
_MANY = 100
_SAMPLE = RULES[::10]
"""The sample of rules for `git grep` and `rg`, for which all rules would take hours."""


class Tip:
    """A comparison of Headway with `git grep` and `rg` on one corpus."""

    def __init__(self, corpus: Corpus, folder: Path) -> None:
        self.corpus = corpus
        self.trees = folder / "trees"
        self.workspaces = {
            count: Workspace(folder / f"tip-{count}", corpus.folder, count)
            for count in (1, 10, _MANY)
        }
        self.blobs = {
            repository.name: blobs_at_tip(repository) for repository in corpus.repositories
        }
        self.git_grep_found: Counter[Match] = Counter()
        self.rg_found: Counter[Match] = Counter()

    def measure(self, rounds: int) -> Section:
        """Measure every tool with 1, 10 and 100 rules. Slow tools run fewer times."""
        self.write_trees()
        measured_fully = in_turn(
            {
                "headway 1": self.workspaces[1].first_scan,
                "git grep 1": lambda: self.git_grep(RULES[:1]),
                "rg 1": lambda: self.rg(RULES[:1]),
                "headway 10": self.workspaces[10].first_scan,
                "git grep 10": lambda: self.git_grep(RULES[:10]),
                "rg 10": lambda: self.rg(RULES[:10]),
                "headway 100": self.workspaces[_MANY].first_scan,
                FLOOR: self.floor,
            },
            rounds,
        )
        sampled = in_turn(
            {"git grep 100": lambda: self.git_grep(_SAMPLE), "rg 100": lambda: self.rg(_SAMPLE)}, 1
        )
        many = {
            name: [cost.times(_MANY / len(_SAMPLE)) for cost in costs]
            for name, costs in sampled.items()
        }
        checked = self.check()
        return Section(
            "Current state",
            f"All tools search every file at the tip of every repository for every rule. {checked}",
            tuple(
                self._rows({name: median(costs) for name, costs in (measured_fully | many).items()})
            ),
        )

    def _rows(self, cost: dict[str, Cost]) -> list[Row]:
        rows = []
        targets = {
            ("git grep", 1): 1.0,
            ("git grep", 10): 7.0,
            ("rg", 10): 2.5,
            ("git grep", _MANY): 40.0,
            ("rg", _MANY): 12.0,
        }
        for count in (1, 10, _MANY):
            ours = cost[f"headway {count}"]
            for name in ("git grep", "rg"):
                target = targets.get((name, count))
                rows.append(
                    row(
                        _rules(count),
                        ours,
                        f"{name}, one rule at a time",
                        cost[f"{name} {count}"],
                        faster=target,
                    )
                )
            rows.append(row(_rules(count), ours, FLOOR, cost[FLOOR]))
        rows.append(
            row(
                _rules(_MANY),
                cost[f"headway {_MANY}"],
                "Headway with 1 rule",
                cost["headway 1"],
                at_most=2.5,
            )
        )
        return rows

    def git_grep(self, rules: Sequence[Rule]) -> Cost:
        """Measure `git grep -P`, which runs once for each rule in each repository."""
        answers = []
        with measured() as meter:
            for rule in rules:
                for repository in self.corpus.repositories:
                    arguments = ("grep", "-P", "-n", "-z", "-I", "--full-name", "-e", rule.pattern)
                    answers.append(
                        (
                            rule.name,
                            repository.name,
                            repository.git(*arguments, repository.tip, fine=(0, 1)),
                        )
                    )
        self.git_grep_found |= Counter(
            (rule, name, path, line)
            for rule, name, answer in answers
            for path, line in _places(answer)
        )
        return meter.cost

    def rg(self, rules: Sequence[Rule]) -> Cost:
        """Measure `rg`, which runs once for each rule over all work trees together."""
        command = ["rg", "--no-config", "--no-ignore", "--hidden", "--text", "-n", "--null"]
        command += ["--encoding=none", "--no-heading", "--color=never"]
        answers = []
        with measured() as meter:
            for rule in rules:
                found = run([*command, "-e", rule.pattern, "--", self.trees], fine=(0, 1))
                answers.append((rule.name, found))
        prefix = f"{self.trees}/".encode()
        found_now: Counter[Match] = Counter()
        for rule_name, answer in answers:
            for line in answer.split(b"\n"):
                name, _, rest = line.removeprefix(prefix).partition(b"\0")
                if rest:
                    repository, _, path = name.decode().partition("/")
                    number = int(rest.partition(b":")[0])
                    found_now[rule_name, repository, path, number] += 1
        self.rg_found |= found_now
        return meter.cost

    def floor(self) -> Cost:
        """Measure `git cat-file` for all files, with two repositories at a time as in Headway."""
        ordered = sorted(
            self.corpus.repositories, key=lambda repository: -len(self.blobs[repository.name])
        )
        with measured() as meter, ThreadPoolExecutor(2) as executor:
            list(
                executor.map(
                    lambda repository: read_blobs(repository, self.blobs[repository.name]), ordered
                )
            )
        return meter.cost

    def write_trees(self) -> None:
        """Write the text files of every tip for `rg`.

        Binary files are omitted, because the other tools skip them too.
        """
        for repository in self.corpus.repositories:
            folder = self.trees / repository.name
            folder.mkdir(parents=True, exist_ok=True)
            limits = {"max_files": MAX_FILES, "max_bytes": 1 << 30}
            for path in write_files(repository.git_dir, repository.tip, folder, **limits):
                content = (folder / path).read_bytes()
                if is_binary(content):
                    (folder / path).unlink()

    def check(self) -> str:
        """Check that all tools found the same lines, and return a sentence with the count."""
        ours = Counter(
            (item["rule"], item["repository"], item["path"], item["line"])
            for item in self.workspaces[_MANY].items()
            if item["rule"] in {rule.name for rule in (*RULES[:10], *_SAMPLE)}
        )
        require_same(ours, self.git_grep_found, "git grep")
        require_same(ours, self.rg_found, "rg")
        total = ours.total()
        return (
            f"Headway, `git grep` and `rg` found the same {total:,} lines for the first ten rules "
            "and for every tenth of the hundred rules. In the rows with 100 rules, `git grep` and "
            "`rg` searched only for every tenth rule, and their times are multiplied by ten."
        )


def _rules(count: int) -> str:
    return "1 rule" if count == 1 else f"{count} rules"


def require_same(ours: Counter[Match], theirs: Counter[Match], tool: str) -> None:
    """Stop the benchmark if two tools found different lines."""
    if ours != theirs:
        say(f"only headway: {list((ours - theirs).items())[:5]}")
        say(f"only {tool}: {list((theirs - ours).items())[:5]}")
        raise SystemExit(f"headway found {ours.total():,} lines and {tool} {theirs.total():,}")


def _places(answer: bytes) -> list[tuple[str, int]]:
    """Parse the (path, line) pairs from the output of `git grep -n -z` for one commit."""
    found = []
    while answer:
        name, _, answer = answer.partition(b"\0")
        number, _, answer = answer.partition(b"\0")
        _, _, answer = answer.partition(b"\n")
        found.append((text_of(name.partition(b":")[2]), int(number)))
    return found
