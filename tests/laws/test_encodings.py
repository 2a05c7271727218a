"""Law 1 of ARCHITECTURE.md holds in other encodings: converted files have the same matches."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headway.config.workspace import shipped_folder
from headway.git.objects import read_texts
from headway.plugins import load_scanners
from headway.scanner import ContentScanner
from tests.support.git import Repo, git
from tests.support.oracle import grep
from tests.support.thorough import repeat

ENCODINGS = ("utf-8-sig", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
MARKS = {"utf-8-sig": ""}
"""The byte order mark to add, where it is not U+FEFF: nothing if Python writes the mark itself."""
PATTERNS = ("^import", "import six", "x$", "i.*x", "^.?import")

words = st.sampled_from(["import six", "import", "x", "é", "ß😀", "\t", " ", "\r", "中"])
texts = st.lists(st.lists(words, max_size=4).map("".join), max_size=6).map("\n".join)


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    return Repo(tmp_path_factory.mktemp("encodings") / "repo")


def found_in(git_dir: Path, blob: str, pattern: str) -> list[tuple[str, int | None, int | None]]:
    scanner = load_scanners([shipped_folder() / "scanners"]).get("regex")
    assert isinstance(scanner, ContentScanner)
    ((_, content),) = read_texts(git_dir, [blob], max_bytes=1 << 20)
    assert content is not None
    matches = scanner.find(scanner.Options(pattern=pattern), "file", content)
    return [(match.text, match.line, match.column) for match in matches]


@pytest.mark.fault(25)
@settings(
    max_examples=repeat(4, thorough=150),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(text=texts)
def test_a_converted_copy_has_the_matches_that_git_grep_finds_in_utf8(
    repo: Repo, text: str
) -> None:
    commit = repo.commit("2026-01-05T12:00:00Z", {"plain.txt": text})
    copies = {
        encoding: git(
            repo.path,
            "hash-object",
            "-w",
            "--stdin",
            stdin=(MARKS.get(encoding, "\ufeff") + text).encode(encoding),
        ).strip()
        for encoding in ENCODINGS
    }
    plain = git(repo.path, "rev-parse", f"{commit}:plain.txt").strip()
    for pattern in PATTERNS:
        found = found_in(repo.path / ".git", plain, pattern)
        # Git's result for `^.?import` is not compared, because git's `.` matches a byte in the C
        # locale, not a character.
        if pattern != "^.?import":
            lines = sorted(line for _, line in grep(repo.path / ".git", commit, pattern))
            assert [line for _, line, _ in found] == lines
        for encoding, blob in copies.items():
            assert found_in(repo.path / ".git", blob, pattern) == found, (encoding, pattern)
