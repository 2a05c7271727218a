"""Law 7 of ARCHITECTURE.md: a failure leaves every number unchanged or marked as unknown."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.support.git import Repo
from tests.support.workspaces import rows, scan, workspace

FIRST, SECOND = date(2020, 3, 2), date(2020, 3, 9)
COUNTS = ("open", "fixed", "exempt", "completion")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a scanned workspace. Since the scan, one repository has fixed all its items."""
    made = workspace(tmp_path / "ws")
    for name in ("one", "two"):
        repo = Repo(made / "clones" / name)
        repo.commit("2020-02-10", {"a.py": "import six\n", "b.py": "import six  # b\n"})
        repo.commit("2020-02-11", {"b.py": None})
    scan(made, FIRST)
    repo = Repo(made / "clones" / "one")
    repo.commit("2020-03-05", {"a.py": "import os\n" * 500})
    repo.git("repack", "-q", "-a", "-d")
    return made


def status(folder: Path, *by: str) -> list[dict[str, Any]]:
    return rows(folder, "status", *by, "--today", SECOND.isoformat())


def assert_kept_and_marked(folder: Path, before: list[dict[str, Any]]) -> None:
    one, two = status(folder, "--by", "repository")
    (whole,) = status(folder)
    assert one["state"] == "unknown"
    assert two["state"] == "open"
    assert [one[name] for name in COUNTS] == [before[0][name] for name in COUNTS]
    assert whole["coverage"] < 1
    assert whole["health"] != "done"


@pytest.mark.fault(23)
@pytest.mark.parametrize("failure", ["pack", "index", "objects", "references", "head", "link"])
def test_a_repository_that_cannot_be_read_keeps_its_numbers(folder: Path, failure: str) -> None:
    before = status(folder, "--by", "repository")
    git_dir = folder / "clones" / "one" / ".git"
    if failure in ("pack", "index"):
        suffix = {"pack": "*.pack", "index": "*.idx"}[failure]
        for file in (git_dir / "objects" / "pack").glob(suffix):
            file.chmod(0o600)
            file.write_bytes(file.read_bytes()[:40])
    elif failure == "objects":
        (git_dir / "objects").rename(git_dir / "gone")
        (git_dir / "objects").mkdir()
    elif failure == "references":
        (git_dir / "refs" / "heads" / "main").write_text("1" * 40 + "\n")
    elif failure == "head":
        (git_dir / "HEAD").write_text("nonsense\n")
    else:
        (git_dir / "HEAD").unlink()
        (git_dir / "HEAD").symlink_to("HEAD")
    assert not scan(folder, SECOND).complete
    assert_kept_and_marked(folder, before)


@pytest.mark.fault(23)
def test_a_flipped_bit_in_a_pack_never_fixes_items(folder: Path) -> None:
    """Either git reports the damage, or the result is the same as with the intact pack."""
    (pack,) = (folder / "clones" / "one" / ".git" / "objects" / "pack").glob("*.pack")
    pack.chmod(0o600)
    content, store = pack.read_bytes(), (folder / "headway.duckdb").read_bytes()
    scan(folder, SECOND)
    whole = status(folder, "--by", "repository")
    chance = random.Random(7)
    for _ in range(12):
        (folder / "headway.duckdb").write_bytes(store)
        harmed = bytearray(content)
        bit = chance.randrange(12 * 8, (len(harmed) - 20) * 8)
        harmed[bit // 8] ^= 1 << bit % 8
        pack.write_bytes(harmed)
        outcome = scan(folder, SECOND)
        now = status(folder, "--by", "repository")
        assert now == whole if outcome.complete else now[0]["state"] == "unknown"
