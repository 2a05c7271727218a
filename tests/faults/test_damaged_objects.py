"""A damaged object affects only the campaigns that must read it, and never changes a number."""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.git import Repo
from tests.support.workspaces import headway, rows, workspace

CAMPAIGN = """title: Remove
starts: {starts}
deprecated: [{{id: six, scanner: regex, pattern: import six, paths: ["**/*.py"]}}]
"""
NEW, OLD = CAMPAIGN.format(starts="2026-01-06"), CAMPAIGN.format(starts="2026-01-01")
pytestmark = pytest.mark.fault(41)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "ws" / "clones" / "one")
    for day in range(1, 9):
        repo.commit(f"2026-01-0{day}", {f"lib/{day}.py": f"import six  # {day}\n"})
    return repo


def loose(repo: Repo, name: str) -> Path:
    identity = repo.git("rev-parse", name).strip()
    path = repo.path / ".git" / "objects" / identity[:2] / identity[2:]
    path.chmod(0o600)
    return path


def states(folder: Path, day: str) -> dict[str, tuple[object, object]]:
    found = rows(folder, "status", "--by", "repository", "--today", day)
    return {row["campaign"]: (row["state"], row["open"]) for row in found}


def scan(folder: Path, day: str, code: int, *options: str) -> str:
    return headway(folder, "scan", "--jobs", "1", "--today", day, *options, code=code).stderr


DAMAGES: dict[str, Callable[[Repo], object]] = {
    "missing tree": lambda repo: loose(repo, "HEAD~5:lib").unlink(),
    "other tree": lambda repo: shutil.copy(loose(repo, "HEAD:lib"), loose(repo, "HEAD~5:lib")),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_an_old_damaged_object_does_not_affect_a_campaign_that_starts_later(
    repo: Repo, tmp_path: Path, damage: str
) -> None:
    folder = workspace(tmp_path / "ws", new=NEW, old=OLD)
    DAMAGES[damage](repo)
    errors = scan(folder, "2026-02-01", 3)
    assert "old" in errors
    assert states(folder, "2026-02-01") == {"new": ("open", 8), "old": ("unknown", 0)}
    repo.commit("2026-02-02", {"lib/1.py": "# done\n"})
    scan(folder, "2026-02-03", 3)
    assert states(folder, "2026-02-03") == {"new": ("open", 7), "old": ("unknown", 0)}


def test_a_new_campaign_does_not_disturb_one_that_continues(repo: Repo, tmp_path: Path) -> None:
    folder = workspace(tmp_path / "ws", new=NEW)
    scan(folder, "2026-02-01", 0)
    loose(repo, "HEAD~5:lib").unlink()
    (folder / "campaigns" / "old.yaml").write_text(OLD)
    repo.commit("2026-02-02", {"lib/1.py": "# done\n"})
    scan(folder, "2026-02-03", 3)
    assert states(folder, "2026-02-03") == {"new": ("open", 7), "old": ("unknown", 0)}
    closed = rows(folder, "items", "--state", "fixed", "--today", "2026-02-03")
    assert [item["path"] for item in closed] == ["lib/1.py"]


@pytest.mark.parametrize("kind", ["blob", "tree"])
def test_a_file_with_another_content_is_unknown_and_never_fixed(
    repo: Repo, tmp_path: Path, kind: str
) -> None:
    folder = workspace(tmp_path / "ws", old=OLD)
    scan(folder, "2026-02-01", 0)
    repo.commit("2026-02-02", {"lib/1.py": "import six  # still\n"})
    loose(repo, "HEAD:lib/1.py").write_bytes(zlib.compress(f"{kind} 0\0".encode()))
    errors = scan(folder, "2026-02-03", 3)
    assert "lib/1.py" in errors
    assert "does not match its ID" in errors
    assert states(folder, "2026-02-03") == {"old": ("unknown", 8)}
