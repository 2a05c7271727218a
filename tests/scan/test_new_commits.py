"""After new commits, a scan reads only those commits, and finds new owners in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from headway.git.new_commits import NewCommits, read_new_commits
from headway.scan import commit_chain
from tests.support.git import Repo
from tests.support.workspaces import REMOVE_SIX, headway, rows, workspace


def test_new_commits_are_read_without_the_rest_of_the_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = workspace(tmp_path / "work", remove_six=REMOVE_SIX)
    repo = Repo(folder / "clones" / "one")
    repo.commit("2020-01-10", {"a.py": "import six\n", "CODEOWNERS": "* @acme/first\n"})
    headway(folder, "--today", "2020-02-01", "scan", "--jobs", "1")
    repo.commit("2020-02-10", {"b.py": "import six\n", "CODEOWNERS": "* @acme/second\n"})

    read: list[str] = []

    def recorded(git_dir: Path, tip: str, after: str) -> NewCommits | None:
        read.append(after)
        return read_new_commits(git_dir, tip, after)

    monkeypatch.setattr(commit_chain, "read_new_commits", recorded)
    monkeypatch.setattr(commit_chain, "read_chain", None)
    headway(folder, "--today", "2020-03-01", "scan", "--jobs", "1")
    assert len(read) == 1
    owners = [row["team"] for row in rows(folder, "--today", "2020-03-01", "items")]
    assert owners == ["acme/second", "acme/second"]
