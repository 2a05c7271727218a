"""A `.gitattributes` file that git cannot read affects only the rules that depend on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.test_damaged_objects import loose, scan, states
from tests.support.git import Repo
from tests.support.workspaces import headway, rows, workspace

RULE = "{{id: six, scanner: regex, pattern: import six{more}}}"
CAMPAIGN = "title: Remove\nstarts: 2026-01-01\ndeprecated: [" + RULE + "]\n"
ANY = CAMPAIGN.format(more="")
ELSEWHERE = CAMPAIGN.format(more=", paths: [src/**]")
ALL_CODE = CAMPAIGN.format(more=", include_vendored: true, paths: ['*.py']")
ROOT, GEN = ".gitattributes", "gen/.gitattributes"
FILES: dict[str, str | bytes | None] = {
    name: f"import six  # {name}\n" for name in ("src/a.py", "gen/b.py", "gen/c.py")
}
pytestmark = pytest.mark.fault(41)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "ws" / "clones" / "one")
    repo.commit("2026-01-01", FILES)
    return repo


def mark(repo: Repo, day: str, content: str | None, path: str = GEN) -> None:
    repo.commit(day, {path: content})


def test_rules_that_do_not_depend_on_the_file_stay_known(repo: Repo, tmp_path: Path) -> None:
    folder = workspace(tmp_path / "ws", any=ANY, elsewhere=ELSEWHERE, all=ALL_CODE)
    mark(repo, "2026-01-10", "b.py linguist-generated\n")
    loose(repo, f"HEAD:{GEN}").unlink()
    errors = scan(folder, "2026-02-01", 3)
    assert f"rule six: {GEN} could not be read at commit {repo.head[:12]}: " in errors
    assert states(folder, "2026-02-01") == {
        "any": ("unknown", 3),
        "elsewhere": ("open", 1),
        "all": ("open", 3),
    }


@pytest.mark.parametrize("split", [False, True])
def test_the_last_readable_version_stays_in_force_until_the_next_one(
    repo: Repo, tmp_path: Path, split: bool
) -> None:
    folder = workspace(tmp_path / "ws", any=ANY)
    mark(repo, "2026-01-10", "b.py linguist-generated\n")
    mark(repo, "2026-01-12", "*.py linguist-generated\n")
    damaged = loose(repo, f"HEAD:{GEN}")
    content = damaged.read_bytes()
    repo.commit("2026-01-13", {"gen/d.py": "import six\n"})
    if split:
        damaged.unlink()
        scan(folder, "2026-01-14", 3)
        assert states(folder, "2026-01-14") == {"any": ("unknown", 3)}
    # Git may write the object again from the file in the work tree.
    repo.commit("2026-01-15", {"gen/d.py": "import six  # edited\n", "gen/b.py": "six\n"})
    if split:
        damaged.unlink(missing_ok=True)
        scan(folder, "2026-01-16", 3)
    mark(repo, "2026-01-20", "c.py linguist-generated\n")
    damaged.unlink(missing_ok=True)
    scan(folder, "2026-02-01", 0)
    assert states(folder, "2026-02-01") == {"any": ("open", 2)}
    found = rows(folder, "items", "--today", "2026-02-01")
    assert sorted(row["path"] for row in found) == ["gen/d.py", "src/a.py"]
    days = rows(folder, "burndown", "any", "--by", "day", "--today", "2026-02-01")
    unknown = [row["date"] for row in days if row["coverage"] == 0]
    assert (unknown[0], unknown[-1]) == ("2026-01-12", "2026-01-19")

    damaged.write_bytes(content)
    scan(folder, "2026-02-02", 0)
    repaired = rows(folder, "items", "--state", "all", "--today", "2026-02-02")
    assert {row["path"]: row["closed_at"] for row in repaired}["gen/c.py"] < "2026-01-13"


def test_an_unreadable_file_at_the_first_day_is_a_gap(repo: Repo, tmp_path: Path) -> None:
    mark(repo, "2026-01-02", "*.py linguist-generated\n", ROOT)
    starts = ANY.replace("2026-01-01", "2026-01-05")
    folder = workspace(tmp_path / "ws", any=starts, elsewhere=ELSEWHERE)
    loose(repo, f"HEAD:{ROOT}").unlink()
    scan(folder, "2026-02-01", 3)
    assert states(folder, "2026-02-01") == {"any": ("unknown", 3), "elsewhere": ("unknown", 1)}
    mark(repo, "2026-02-02", None, ROOT)
    scan(folder, "2026-02-03", 0)
    assert states(folder, "2026-02-03") == {"any": ("open", 3), "elsewhere": ("open", 1)}


def test_try_shows_the_file(repo: Repo, tmp_path: Path) -> None:
    folder = workspace(tmp_path / "ws", any=ANY)
    mark(repo, "2026-01-10", "b.py linguist-generated\n")
    loose(repo, f"HEAD:{GEN}").unlink()
    done = headway(folder, "try", "any", "--jobs", "1", code=3)
    assert GEN in done.stdout + done.stderr
    assert "src/a.py" in done.stdout
