"""Malicious repositories and scanners cause unknown results and do not affect others."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from headway.model.limits import Limits
from tests.support.git import Repo, git
from tests.support.workspaces import headway, rows, scan, workspace

TODAY = date(2020, 3, 2)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = workspace(tmp_path / "ws")
    Repo(made / "clones" / "honest").commit("2020-02-10", {"a.py": "import six\n"})
    return made


def make_nested(path: Path, levels: int, width: int) -> None:
    """Create a tiny repository whose tree has `width ** levels` files."""
    path.mkdir()
    git(path, "init", "-q", "-b", "main")
    blob = git(path, "hash-object", "-w", "--stdin", stdin=b"import six\n").strip()
    kind, mode, tree_or_blob = "blob", "100644", blob
    for _ in range(levels):
        entries = "".join(f"{mode} {kind} {tree_or_blob}\t{name:02}.py\n" for name in range(width))
        tree_or_blob = git(path, "mktree", stdin=entries.encode()).strip()
        kind, mode = "tree", "040000"
    commit = git(path, "commit-tree", "-m", "bomb", tree_or_blob, at="2019-12-01").strip()
    git(path, "update-ref", "refs/heads/main", commit)


def states(folder: Path) -> dict[str, str]:
    listed = rows(folder, "status", "--by", "repository", "--today", str(TODAY))
    return {row["repository"]: row["state"] for row in listed}


@pytest.mark.fault(24)
def test_a_tree_of_ten_billion_files_at_the_baseline_is_unknown(folder: Path) -> None:
    make_nested(folder / "clones" / "bomb", levels=10, width=10)
    outcome = scan(folder, TODAY, limits=Limits(max_files=5000))
    assert "more than 5,000 files" in outcome.unknown[0].reason
    assert states(folder) == {"bomb": "unknown", "honest": "open"}


@pytest.mark.fault(24)
def test_a_tree_of_three_hundred_levels_is_read(folder: Path) -> None:
    make_nested(folder / "clones" / "deep", levels=300, width=1)
    assert scan(folder, TODAY).complete
    assert states(folder) == {"deep": "open", "honest": "open"}


@pytest.mark.fault(27)
def test_a_line_that_takes_exponential_time_in_other_engines(folder: Path) -> None:
    line = "a" * 100_000 + "!"
    Repo(folder / "clones" / "shop").commit("2020-02-10", {"a.py": line + "\nimport six\n"})
    (folder / "campaigns" / "nested.yaml").write_text(
        "title: Nested\nstarts: 2020-01-06\n"
        "deprecated: [{id: nested, scanner: regex, pattern: '(a+)+$'}]\n"
    )
    assert scan(folder, TODAY).complete
    assert states(folder)["shop"] == "open"


PLUGIN = """import os
from headway import ContentScanner, Match, Options

class Evil(ContentScanner[Options]):
    name = "evil"

    def find(self, options, path, content):
        if b"harm" in content:
            {harm}
        return []
"""


@pytest.mark.fault(26)
@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        ("raise ValueError('no idea')", "ValueError: no idea"),
        ("os.kill(os.getpid(), 11)", "process die"),
        ("os._exit(0)", "process die"),
        ("return [7]", "instead of a Match"),
    ],
)
def test_a_failing_scanner_affects_only_the_repository_that_it_fails_on(
    folder: Path, harm: str, reason: str
) -> None:
    Repo(folder / "clones" / "odd").commit("2020-02-10", {"a.py": "harm\n"})
    (folder / "scanners").mkdir()
    (folder / "scanners" / "evil.py").write_text(PLUGIN.format(harm=harm))
    (folder / "campaigns" / "evil.yaml").write_text(
        "title: Evil\nstarts: 2020-01-06\ndeprecated: [{id: evil, scanner: evil}]\n"
    )
    headway(folder, "scan", "--jobs", "2", "--today", str(TODAY), code=3)
    listed = rows(folder, "status", "evil", "--by", "repository", "--today", str(TODAY))
    found = {row["repository"]: row for row in listed}
    assert found["odd"]["state"] == "unknown"
    assert reason in found["odd"]["reason"]
    assert found["honest"]["state"] == "not affected"
