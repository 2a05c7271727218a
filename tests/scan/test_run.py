"""Scans handle repositories that are added, removed, damaged or changed."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from headway.model.limits import Limits
from headway.scan.request import NoMatchingRepositoryError
from headway.store.store_reader import open_store
from tests.support.git import Repo, git
from tests.support.workspaces import REMOVE_SIX, rows, scan, workspace

FIRST, SECOND, THIRD = date(2020, 3, 2), date(2020, 3, 9), date(2020, 3, 16)


@pytest.fixture(scope="module")
def scanned_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = workspace(tmp_path_factory.mktemp("scanned"))
    for name in ("one", "two"):
        Repo(made / "clones" / name).commit("2020-02-10", {"a.py": "import six\n"})
    scan(made, FIRST)
    return made


@pytest.fixture
def folder(scanned_folder: Path, tmp_path: Path) -> Path:
    """Return a copy of the scanned workspace."""
    return shutil.copytree(scanned_folder, tmp_path / "ws", symlinks=True)


def query(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    with open_store(folder / "headway.duckdb") as store:
        return store.query(sql)[1]


def states(folder: Path, today: date) -> dict[str, tuple[str, int]]:
    listed = rows(folder, "status", "--by", "repository", "--today", today.isoformat())
    return {row["repository"]: (row["state"], row["open"]) for row in listed}


def moved(folder: Path, day: date) -> dict[str, int]:
    """Return the non-zero movements of one day."""
    names = ("new", "regressed", "scope_added", "fixed", "scope_removed")
    found = rows(folder, "burndown", "remove-six", "--by", "day", "--today", day.isoformat())
    (point,) = (row for row in found if row["date"] == day.isoformat())
    return {name: point[name] for name in names if point[name]}


def break_objects(repository: Path) -> None:
    for file in (repository / ".git" / "objects").rglob("*"):
        if file.is_file():
            file.chmod(0o600)
            file.write_bytes(b"")


def test_an_unreadable_repository_is_unknown_and_keeps_its_items(folder: Path) -> None:
    repo = Repo(folder / "clones" / "one")
    repo.commit("2020-03-05", {"a.py": "import os\n"})
    break_objects(repo.path)
    outcome = scan(folder, SECOND)
    assert [part.repository for part in outcome.unknown] == ["one"]
    assert states(folder, SECOND) == {"one": ("unknown", 1), "two": ("open", 1)}
    assert moved(folder, SECOND) == {}


def test_a_merged_change_is_credited_to_its_author_not_to_the_merger(folder: Path) -> None:
    repo = Repo(folder / "clones" / "one")
    repo.git("checkout", "-q", "-b", "side")
    repo.commit("2020-03-03", {"a.py": None, "new.py": "import six  # new\n"})
    repo.git("checkout", "-q", "main")
    repo.git("merge", "-q", "--no-ff", "--no-commit", "side", at="2020-03-04")
    bot = ("--author", "Merge Bot <bot@example.com>")
    repo.git("commit", "-q", "-m", "merge", *bot, at="2020-03-04")
    scan(folder, SECOND)
    found = query(
        folder,
        "SELECT path, opened_by, closed_by, closed_commit FROM items WHERE repository = 'one' "
        "ORDER BY path",
    )
    assert found == [
        ("a.py", "Ada Example", "Ada Example", repo.head),
        ("new.py", "Ada Example", None, None),
    ]


def test_a_repository_that_can_be_read_again_is_no_longer_unknown(folder: Path) -> None:
    path = folder / "clones" / "one"
    shutil.copytree(path, folder / "whole")
    break_objects(path)
    Repo(folder / "whole").commit("2020-03-10", {"a.py": "import os\n"})
    (path / ".git" / "refs" / "heads" / "main").write_text("1" * 40 + "\n")
    assert scan(folder, SECOND).unknown
    shutil.rmtree(path)
    (folder / "whole").rename(path)
    assert not scan(folder, THIRD).unknown
    assert states(folder, THIRD)["one"] == ("done", 0)
    assert query(folder, "SELECT count(*) FROM unknowns") == [(0,)]


def test_a_repository_that_is_no_longer_listed_is_gone_and_leaves_the_scope(folder: Path) -> None:
    shutil.rmtree(folder / "clones" / "one")
    scan(folder, SECOND)
    assert query(folder, "SELECT name, gone_on FROM repositories WHERE gone_on IS NOT NULL") == [
        ("one", SECOND)
    ]
    assert moved(folder, SECOND) == {"scope_removed": 1}


def test_a_repository_that_is_back_is_scope_added(folder: Path) -> None:
    (folder / "clones" / "one").rename(folder / "aside")
    scan(folder, SECOND)
    (folder / "aside").rename(folder / "clones" / "one")
    scan(folder, THIRD)
    assert moved(folder, SECOND) == {"scope_removed": 1}
    assert moved(folder, THIRD) == {"scope_added": 1}
    assert query(folder, "SELECT count(*) FROM repositories WHERE gone_on IS NOT NULL") == [(0,)]


def test_an_old_repository_listed_later_is_scope_added_and_a_young_one_is_new(folder: Path) -> None:
    Repo(folder / "clones" / "old").commit("2019-01-01", {"a.py": "import six\n"})
    Repo(folder / "clones" / "young").commit("2020-03-04", {"a.py": "import six\n"})
    scan(folder, SECOND)
    assert moved(folder, SECOND) == {"scope_added": 1}
    assert moved(folder, date(2020, 3, 4)) == {"new": 1}


def test_a_narrower_scope_is_not_progress(folder: Path) -> None:
    text = REMOVE_SIX + 'scope: {repositories: ["two"]}\n'
    (folder / "campaigns" / "remove-six.yaml").write_text(text)
    scan(folder, SECOND)
    assert moved(folder, SECOND) == {"scope_removed": 1}
    assert rows(folder, "status")[0]["fixed"] == 0


def test_only_an_edited_rule_is_computed_again(folder: Path) -> None:
    text = REMOVE_SIX + "  - {id: use-os, scanner: regex, pattern: 'import os'}\n"
    (folder / "campaigns" / "remove-six.yaml").write_text(text)
    scan(folder, SECOND)
    before = query(folder, "SELECT * FROM items WHERE rule = 'import-six' ORDER BY item")
    (folder / "campaigns" / "remove-six.yaml").write_text(text.replace("import os'", "import six'"))
    scan(folder, THIRD)
    assert query(folder, "SELECT * FROM items WHERE rule = 'import-six' ORDER BY item") == before
    assert query(folder, "SELECT count(*) FROM items WHERE rule = 'use-os'") == [(2,)]
    kinds = query(
        folder, "SELECT day, description FROM marks WHERE kind = 'definition' ORDER BY day"
    )
    assert kinds == [(SECOND, "rule use-os added"), (THIRD, "rule use-os changed")]


def test_a_new_title_recomputes_nothing(folder: Path) -> None:
    text = REMOVE_SIX.replace("Remove six", "Six must go")
    (folder / "campaigns" / "remove-six.yaml").write_text(text)
    outcome = scan(folder, SECOND)
    assert outcome.unchanged == outcome.repositories == 2


@pytest.mark.fault(22)
def test_a_rewritten_history_is_walked_again_and_marked(folder: Path) -> None:
    repo = Repo(folder / "clones" / "one")
    repo.git("commit", "-q", "--amend", "-m", "other", at="2020-02-11")
    repo.commit("2020-03-05", {"a.py": "import os\n"})
    scan(folder, SECOND)
    assert query(folder, "SELECT repository, kind FROM marks") == [("one", "history rewritten")]
    (item,) = (row for row in rows(folder, "items", "--state", "all") if row["repository"] == "one")
    assert (item["state"], item["closed_commit"]) == ("fixed", repo.head)


@pytest.mark.fault(20)
def test_a_new_default_branch_is_followed_from_its_tip(folder: Path) -> None:
    repo = Repo(folder / "clones" / "one")
    repo.git("checkout", "-q", "-b", "trunk")
    repo.commit("2020-03-05", {"a.py": "import os\n"})
    scan(folder, SECOND)
    assert states(folder, SECOND)["one"] == ("done", 0)
    assert query(folder, "SELECT kind FROM marks WHERE kind = 'history rewritten'") == []


@pytest.mark.fault(21)
def test_a_dangling_head_and_an_empty_repository_are_unknown_with_their_reasons(
    folder: Path,
) -> None:
    git(folder / "clones" / "one", "symbolic-ref", "HEAD", "refs/heads/nowhere")
    outcome = scan(folder, SECOND)
    assert "no default branch" in outcome.unknown[0].reason
    assert states(folder, SECOND)["one"] == ("unknown", 1)


@pytest.mark.fault(22)
def test_a_shallow_repository_is_read_up_to_its_cut(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "ws")
    whole = Repo(tmp_path / "whole")
    whole.commit("2020-02-10", {"a.py": "import six\n", "b.py": "import six\n"})
    whole.commit("2020-02-20", {"b.py": "import os\n"})
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{whole.path}", str(folder / "clones/cut"))
    scan(folder, FIRST)
    (item,) = rows(folder, "items", "--state", "all")
    assert (item["path"], item["opened_before_baseline"]) == ("a.py", True)


@pytest.mark.fault(22)
def test_a_sha256_repository_is_scanned(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "ws")
    path = folder / "clones" / "long"
    path.mkdir()
    git(path, "init", "-q", "-b", "main", "--object-format=sha256")
    repo = Repo(path)
    repo.commit("2020-02-10", {"a.py": "import six\n"})
    head = repo.commit("2020-02-20", {"a.py": "import os\n"})
    assert len(head) == 64
    assert scan(folder, FIRST).complete
    assert [row["closed_commit"] for row in rows(folder, "items", "--state", "all")] == [head]


def test_gitattributes_hide_no_file(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "ws")
    attributes = "* binary export-ignore filter=lfs ident\n*.txt working-tree-encoding=UTF-16\n"
    repo = Repo(folder / "clones" / "one")
    repo.commit("2020-02-10", {".gitattributes": attributes, "a.py": "import six\n"})
    repo.commit("2020-02-20", {"b.py": "import six\n"})
    scan(folder, FIRST)
    assert states(folder, FIRST) == {"one": ("open", 2)}


def test_only_the_selected_repositories_are_read(folder: Path) -> None:
    for name in ("one", "two"):
        Repo(folder / "clones" / name).commit("2020-03-05", {"a.py": "import os\n"})
    scan(folder, SECOND, repositories=("two",))
    assert states(folder, SECOND) == {"one": ("open", 1), "two": ("done", 0)}
    scan(folder, THIRD)
    assert states(folder, THIRD) == {"one": ("done", 0), "two": ("done", 0)}


def test_a_pattern_without_a_match_is_an_error_and_changes_nothing(folder: Path) -> None:
    before = query(folder, "SELECT count(*) FROM scans")
    with pytest.raises(NoMatchingRepositoryError, match="headway repositories"):
        scan(folder, SECOND, repositories=("three",))
    assert query(folder, "SELECT count(*) FROM scans") == before


@pytest.mark.parametrize(
    ("limits", "reason"),
    [(Limits(max_text_bytes=20), "exceeds the limit"), (Limits(max_files=3), "more than 3 files")],
)
def test_a_repository_over_a_limit_is_unknown_and_affects_no_other(
    folder: Path, limits: Limits, reason: str
) -> None:
    big = {f"{number}.py": "import six\n" * 9 for number in range(9)}
    Repo(folder / "clones" / "one").commit("2020-03-05", {**big})
    Repo(folder / "clones" / "two").commit("2020-03-05", {"a.py": "import os\n"})
    outcome = scan(folder, SECOND, limits=limits)
    assert [part.repository for part in outcome.unknown] == ["one"]
    assert reason in outcome.unknown[0].reason
    assert states(folder, SECOND) == {"one": ("unknown", 1), "two": ("done", 0)}


@pytest.mark.fault(28)
def test_a_clock_set_back_does_not_date_a_scan_before_the_last_one(folder: Path) -> None:
    scan(folder, THIRD)
    assert scan(folder, FIRST).today == THIRD


@pytest.mark.parametrize("bare", [True, False])
def test_a_partial_clone_that_lacks_contents_says_so(
    folder: Path, tmp_path: Path, bare: bool
) -> None:
    upstream = Repo(tmp_path / "upstream")
    upstream.git("config", "uploadpack.allowFilter", "true")
    upstream.commit("2020-02-10", {"a.py": "import six\n"})
    upstream.commit("2020-02-11", {"a.py": "import os\n"})
    clone = folder / "clones" / "partial"
    options = ("--filter=blob:none", *(("--bare",) if bare else ()))
    git(folder, "clone", "-q", *options, f"file://{upstream.path}", str(clone))
    outcome = scan(folder, SECOND)
    ((reason,), *_) = query(folder, "SELECT reason FROM gaps ORDER BY opened_at")
    assert reason.startswith("the clone is partial (")
    assert reason.endswith("clone the repository again without --filter")
    # The work tree has the contents of the tip.
    assert outcome.complete == (not bare)
    if bare:
        (part,) = outcome.unknown
        assert part.repository == "partial"
        assert "clone the repository again without --filter" in part.reason
