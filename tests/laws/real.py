"""Check law 1 of ARCHITECTURE.md on real repositories: `python -m tests.laws.real FOLDER`.

FOLDER contains full clones, which may be bare. The script scans all of them in one workspace. At
every first-parent commit, it then compares the open items of each rule with the matches of
`git grep`. Both must contain the same paths and exactly the same lines, the same number of times,
even if lines were edited. The script prints the number of compared lines and the first differences.
It exits with 1 if it finds any differences.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from headway.forges.sources.local import LocalSource
from headway.git.path_encoding import text_of
from headway.model.store_records import TrackKey
from headway.progress.opening import Opening
from headway.scan.spots import exact_text, storable
from headway.store.store_reader import open_store
from tests.support.git import ENVIRONMENT, git
from tests.support.workspaces import SIX, scan, workspace


class Rule(NamedTuple):
    """A rule that both the regex scanner and `git grep` can evaluate."""

    name: str
    pattern: str
    paths: tuple[str, ...]
    """Path patterns that have the same meaning for `git grep` and in campaign files."""


RULES = (
    Rule("six", SIX, ()),
    Rule("print", r"\bprint\b", ("*.py",)),
    Rule("python-2", r"[Pp]ython ?2", ()),
    Rule("unittest", r"^import unittest$|\bassertEquals?\(", ("*.py",)),
    Rule("http", r"http://", ()),
    Rule("todo", r"\b(?:TODO|FIXME)\b", ()),
    Rule("format", r"\bfmt\.(?:Print|Sprint)\w*\(", ("*.go",)),
)
_COMMITS_AT_A_TIME = 25
_DIFFERENCES_SHOWN = 5


def main(folder: Path) -> int:
    with tempfile.TemporaryDirectory(prefix="headway-law-") as name:
        place = workspace(Path(name), law=_campaign())
        began = time.monotonic()
        scan(place, datetime.now(UTC).date(), source=LocalSource(folder, "real"))
        _print(f"scanned in {time.monotonic() - began:.1f} s")
        repositories = LocalSource(folder, "real").list_repositories().repositories
        with open_store(place / "headway.duckdb") as store:
            known = store.items.openings([listed.key for listed in repositories], ["law"])
    wrong = 0
    for listed in repositories:
        if listed.tip is None:
            continue
        chain = git(Path(listed.clone_url), "rev-list", "--first-parent", "--reverse", listed.tip)
        commits = chain.split()
        for rule in RULES:
            mine = known.get(TrackKey("law", rule.name, listed.key), [])
            compared, different = _compare(Path(listed.clone_url), commits, rule, mine)
            _print(
                f"{listed.name}: {rule.name}: {len(commits):,} commits, {len(mine):,} openings, "
                f"{compared:,} open lines compared, {different} commits differ"
            )
            wrong += different
    return 1 if wrong else 0


def _campaign() -> str:
    text = "title: Law\nstarts: 1970-01-02\ninclude_vendored: true\ndeprecated:\n"
    for rule in RULES:
        text += f"  - id: {rule.name}\n    scanner: regex\n    pattern: '{rule.pattern}'\n"
        if rule.paths:
            text += f"    paths: {[*rule.paths]}\n"
    return text


def _compare(
    git_dir: Path, commits: Sequence[str], rule: Rule, openings: Sequence[Opening]
) -> tuple[int, int]:
    """Return the total number of compared lines, and the number of commits that differ."""
    appear: dict[str, list[tuple[str, str]]] = defaultdict(list)
    vanish: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for opening in openings:
        before: tuple[str, str] | None = None
        for version in opening.all_versions:
            appear[version.commit].append((version.path, version.text))
            if before is not None:
                vanish[version.commit].append(before)
            before = version.path, version.text
        if opening.closed_commit is not None and before is not None:
            vanish[opening.closed_commit].append(before)
    held: Counter[tuple[str, str]] = Counter()
    compared = different = 0
    for commit, found in _grep(git_dir, commits, rule):
        held.update(appear[commit])
        held.subtract(vanish[commit])
        held = +held
        compared += found.total()
        if held != found:
            different += 1
            if different <= _DIFFERENCES_SHOWN:
                _print(f"  {commit}: too many {held - found}, missing {found - held}")
    return compared, different


def _grep(
    git_dir: Path, commits: Sequence[str], rule: Rule
) -> Iterator[tuple[str, Counter[tuple[str, str]]]]:
    """Yield each commit with the exact lines that `git grep` finds in it."""
    for first in range(0, len(commits), _COMMITS_AT_A_TIME):
        batch = commits[first : first + _COMMITS_AT_A_TIME]
        arguments = ["git", f"--git-dir={git_dir}", "grep", "-P", "-n", "-z", "-I", "--full-name"]
        done = subprocess.run(
            [*arguments, "-e", rule.pattern, *batch, "--", *rule.paths],
            capture_output=True,
            env=ENVIRONMENT,
            check=False,
        )
        if done.returncode not in (0, 1):
            raise SystemExit(done.stderr.decode("utf-8", "replace"))
        found: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
        rest = done.stdout
        while rest:
            name, _, rest = rest.partition(b"\0")
            _, _, rest = rest.partition(b"\0")
            line, _, rest = rest.partition(b"\n")
            tree, _, path = name.partition(b":")
            found[tree.decode("ascii")][text_of(path), _text_of(line)] += 1
        for commit in batch:
            yield commit, found[commit]


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _text_of(line: bytes) -> str:
    return exact_text(storable(line.decode("utf-8", "backslashreplace")))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1])))
