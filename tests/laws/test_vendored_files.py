"""Laws 1, 2 and 5 of ARCHITECTURE.md hold when `.gitattributes` files change."""

from __future__ import annotations

import itertools
import subprocess
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from headway.git.path_encoding import bytes_of
from headway.model.vendored import is_vendored
from tests.laws.test_laws import STARTS, TODAY, everything, text_at
from tests.support import oracle
from tests.support.git import ENVIRONMENT
from tests.support.histories import Commit, Edit, History, build, point
from tests.support.thorough import repeat
from tests.support.workspaces import rows, scan, workspace

CAMPAIGN = f"""title: Remove six
starts: {STARTS}
deprecated:
  - {{id: line, scanner: regex, pattern: import six}}
  - {{id: python, scanner: regex, pattern: import six, paths: ["*.py"]}}
  - {{id: file, scanner: file, paths: ["*.py"]}}
  - {{id: all, scanner: regex, pattern: import six, include_vendored: true}}
"""
_MARKS = ("linguist-vendored", "linguist-generated")
_PATHS = (b"a.py", b"gen/a.py", b"gen/b.txt", b"lib/gen/a.py", b"vendor/a.py", b"lib/x.min.js")
_ATTRIBUTES = (
    b"gen/** linguist-generated\n",
    b"*.py linguist-vendored\n*.min.js -linguist-generated\n",
    b"vendor/** linguist-vendored=false\n",
    b"[attr]theirs linguist-vendored\ngen/* theirs\n",
    b"*.py theirs\n",
    b"* !linguist-vendored text\n",
    b"",
)
_contents = st.lists(
    st.sampled_from([b"import six\n", b"import six, os\n", b"import os\n", b"\n"]), max_size=3
).map(b"".join)
_edits = st.one_of(
    st.builds(Edit, st.just("write"), st.sampled_from(_PATHS), _contents),
    st.builds(
        Edit,
        st.just("write"),
        st.sampled_from([b".gitattributes", b"lib/.gitattributes", b"gen/.gitattributes"]),
        st.sampled_from(_ATTRIBUTES),
    ),
    st.builds(Edit, st.just("delete"), st.sampled_from([*_PATHS, b".gitattributes"])),
    st.builds(
        Edit, st.just("move"), st.sampled_from(_PATHS), target=st.sampled_from([*_PATHS, b"b.py"])
    ),
)
_commits = st.builds(
    Commit,
    st.lists(_edits, min_size=1, max_size=4).map(tuple),
    st.integers(0, 60 * 86_400),
    st.booleans(),
    st.integers(0, 9).map(lambda number: number == 0),
)
_histories = st.builds(History, st.lists(_commits, min_size=2, max_size=9))


def included(repository: Path, commit: str) -> set[str]:
    """Return the files in a commit that are not excluded, according to `git check-attr`."""
    paths = sorted(oracle.regular_files(repository, commit))
    with tempfile.TemporaryDirectory() as name:
        env = ENVIRONMENT | {"GIT_INDEX_FILE": f"{name}/index"}

        def run(*arguments: str, stdin: bytes = b"") -> bytes:
            command = ["git", f"--git-dir={repository}", *arguments]
            return subprocess.run(
                command, input=stdin, env=env, capture_output=True, check=True
            ).stdout

        run("read-tree", commit)
        names = b"".join(bytes_of(path) + b"\0" for path in paths)
        output = run("check-attr", "--cached", "-z", "--stdin", *_MARKS, stdin=names).decode()
    values: dict[str, list[str]] = {path: [] for path in paths}
    fields = output.split("\0")[:-1]
    for path, value in zip(fields[::3], fields[2::3], strict=True):
        if value != "unspecified":
            values[path].append(value)
    return {path for path, known in values.items() if not is_excluded(path, known)}


def is_excluded(path: str, known: list[str]) -> bool:
    """Return whether a file is excluded.

    Args:
        path: The path of the file.
        known: The values that `.gitattributes` specifies for the file.
    """
    if not known:
        return is_vendored(path)
    return any(value not in ("unset", "false") for value in known)


def open_at(
    items: list[dict[str, Any]], rule: str, number: int, place: dict[str, int]
) -> Counter[tuple[str, str]]:
    """Count the items of a rule that are open at a commit, by path and text."""
    return Counter(
        text_at(item, number, place)
        for item in items
        if item["rule"] == rule
        and place[item["opened_commit"]] <= number
        and (item["closed_commit"] is None or number < place[item["closed_commit"]])
    )


@settings(max_examples=repeat(8, thorough=300), deadline=None)
@given(_histories)
def test_at_every_commit_items_are_open_only_in_files_that_are_not_excluded(
    history: History,
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = workspace(Path(name), law=CAMPAIGN)
        repository = folder / "clones" / "one.git"
        chain = build(history, repository)
        scan(folder, TODAY)
        items = rows(folder, "items", "--state", "all")
        place = {commit: number for number, commit in enumerate(chain)}
        for commit in chain[oracle.in_force(repository, chain, STARTS) :]:
            number = place[commit]
            wanted = included(repository, commit)
            for rule, pathspecs in (("line", ()), ("python", ("*.py",))):
                found = oracle.grep_texts(repository, commit, "import six", pathspecs)
                expected = Counter({key: n for key, n in found.items() if key[0] in wanted})
                assert open_at(items, rule, number, place) == expected, (rule, commit)
            files = {path for path in wanted if path.endswith(".py")}
            assert {path for path, _ in open_at(items, "file", number, place)} == files
            everywhere = oracle.grep_texts(repository, commit, "import six")
            assert open_at(items, "all", number, place) == everywhere


@settings(max_examples=repeat(5, thorough=200), deadline=None)
@given(_histories, st.data())
def test_any_split_into_scans_gives_the_same_balanced_ledger(
    history: History, data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = workspace(Path(name), law=CAMPAIGN)
        repository = folder / "clones" / "one.git"
        chain = build(history, repository)
        scan(folder, TODAY)
        once = everything(folder)
        points = rows(folder, "burndown", "law", "--by", "day", "--today", TODAY.isoformat())
        for before, after in itertools.pairwise(points):
            come = after["new"] + after["regressed"] + after["scope_added"]
            gone = after["fixed"] + after["scope_removed"]
            assert after["open"] == before["open"] + come - gone
        assert points[-1]["open"] == len(rows(folder, "items"))
        assert points[-1]["fixed_total"] >= 0
        (folder / "headway.duckdb").unlink()
        stops = data.draw(st.sets(st.integers(0, len(chain) - 1)), label="stops")
        for stop in sorted(stops | {len(chain) - 1}):
            point(repository, chain[stop])
            scan(folder, TODAY)
        assert everything(folder) == once
