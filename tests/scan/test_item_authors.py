"""Opened and closed items are credited to the authors of the changes."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.support.git import Repo
from tests.support.workspaces import rows, scan, workspace

DAYS = tuple(date(2020, 4, 6 + number) for number in range(6))


def using_six(name: str, line: str = "import six") -> str:
    return f"{line}\n" + "".join(f"{name}_{number} = {number}\n" for number in range(20))


def commit(
    repo: Repo, day: date, author: str, files: dict[str, str | bytes | None], trailer: str = ""
) -> None:
    repo.commit(f"{day}T10:00:00Z", files)
    message = ("-m", "change", *(("-m", trailer) if trailer else ()))
    person = f"{author} <{author.lower()}@x>"
    repo.git("commit", "-q", "--amend", *message, "--author", person, at=f"{day}T10:00:00Z")


def merge(repo: Repo, day: date, *branches: str) -> None:
    at = f"{day}T12:00:00Z"
    repo.git("merge", "-q", "--no-ff", "-m", "merge", *branches, at=at)
    repo.git("commit", "-q", "--amend", "-m", "merge", "--author", "Bot <bot@x>", at=at)


def history(folder: Path, *, scans: tuple[date, ...]) -> list[dict[str, Any]]:
    """Return the items of a small history after scans on the given days and on the last day."""
    made = workspace(folder)
    repo = Repo(made / "clones" / "one")

    def end(day: date) -> None:
        if day in scans:
            scan(made, day)

    commit(repo, DAYS[0], "Ada", {f"{name}.py": using_six(name) for name in "abcdegh"})
    commit(repo, DAYS[0], "Ada", {".mailmap": "Beatrice <bea@x>\n"})
    end(DAYS[0])
    repo.git("checkout", "-q", "-b", "first")
    commit(repo, DAYS[1], "Bea", {"a.py": None})
    commit(
        repo,
        DAYS[1],
        "Cy",
        {"b.py": None, "new.py": using_six("new", "from six import moves")},
        "Co-authored-by: Di <d@x>",
    )
    repo.git("checkout", "-q", "-b", "second", "main")
    commit(
        repo,
        DAYS[1],
        "Eve",
        {"c.py": None, "g.py": using_six("g", "import six  # keep"), "new.txt": "x"},
    )
    commit(repo, DAYS[1], "Ivo", {"h.py": None, "moved.py": using_six("h")})
    repo.git("checkout", "-q", "main")
    merge(repo, DAYS[1], "first", "second")
    end(DAYS[1])
    # The feature branch merges main, with a commit of another author, and then becomes main.
    repo.git("checkout", "-q", "-b", "feature")
    commit(repo, DAYS[2], "Fay", {"f.txt": "x"})
    repo.git("checkout", "-q", "main")
    commit(repo, DAYS[2], "Gil", {"d.py": None})
    repo.git("checkout", "-q", "feature")
    merge(repo, DAYS[2], "main")
    repo.git("checkout", "-q", "main")
    repo.git("merge", "-q", "--ff-only", "feature")
    end(DAYS[2])
    commit(
        repo,
        DAYS[3],
        "Hal",
        {"e.py": "", "again.py": using_six("again", "from six.moves import urllib")},
        "Co-authored-by: Bea <bea@x>",
    )
    end(DAYS[3])
    commit(repo, DAYS[3], "Hal", {"again.py": using_six("again", "from six.moves import http")})
    end(DAYS[3])
    commit(repo, DAYS[4], "Hal", {".mailmap": "Bee <bea@x>\nDiana <d@x>\nEve Eden <eve@x>\n"})
    end(DAYS[4])
    scan(made, DAYS[5])
    return rows(made, "items", "--state", "all", "--today", DAYS[5].isoformat())


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    return history(tmp_path_factory.mktemp("once"), scans=())


def test_everybody_who_changed_the_file_is_credited(once: list[dict[str, Any]]) -> None:
    closed = {row["path"]: row["closed_by_all"] for row in once if row["closed_at"]}
    assert closed == {
        "a.py": ["Bee"],
        "b.py": ["Cy", "Diana"],
        "c.py": ["Eve Eden"],
        "d.py": ["Gil"],
        "e.py": ["Hal", "Bee"],
    }
    opened = {row["path"]: row["opened_by_all"] for row in once}
    assert opened["new.py"] == ["Cy", "Diana"]
    assert opened["again.py"] == ["Hal", "Bee"]
    assert opened["a.py"] == ["Ada"]
    for row in once:
        assert row["closed_by"] == (row["closed_by_all"] or [None])[0]
        assert row["opened_by"] == (row["opened_by_all"] or [None])[0]


def test_the_author_of_the_last_change_is_named(once: list[dict[str, Any]]) -> None:
    assert {row["path"]: row["changed_by"] for row in once if row["state"] == "open"} == {
        "again.py": "Hal",
        "g.py": "Eve Eden",
        "moved.py": "Ivo",
        "new.py": "Cy",
    }
    assert {row["changed_by"] for row in once if row["state"] == "fixed"} == {"Ada"}


@pytest.mark.parametrize("scans", [DAYS[:5], DAYS[1:3], DAYS[3:4]])
def test_scans_in_between_do_not_change_credits(
    tmp_path: Path, once: list[dict[str, Any]], scans: tuple[date, ...]
) -> None:
    assert history(tmp_path, scans=scans) == once
