"""Items are listed as of the end of a day, and can be filtered by captured value."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.support.git import Repo
from tests.support.workspaces import REMOVE_SIX, headway, rows, scan, workspace


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = workspace(tmp_path, six=REMOVE_SIX)
    repo = Repo(folder / "clones" / "one")
    repo.commit("2020-02-01", {"a.py": "import six\n"})
    repo.commit("2020-03-01", {"a.py": "", "b.py": "from six import moves\n"})
    repo.commit("2020-05-01", {"c.py": "import six\n"})
    scan(folder, date(2020, 6, 1))
    return folder


@pytest.mark.parametrize(
    ("today", "listed"),
    [
        ("2020-01-31", set()),
        ("2020-02-29", {"a.py": "open"}.items()),
        ("2020-03-01", {"a.py": "fixed", "b.py": "open"}.items()),
        ("2020-06-01", {"a.py": "fixed", "b.py": "open", "c.py": "open"}.items()),
    ],
)
def test_items_are_listed_as_of_the_end_of_a_day(
    folder: Path, today: str, listed: set[tuple[str, str]]
) -> None:
    found = rows(folder, "items", "--state", "all", "--today", today)
    assert {(row["path"], row["state"]) for row in found} == set(listed)
    for state in ("open", "fixed"):
        paths = [row["path"] for row in rows(folder, "items", "--state", state, "--today", today)]
        assert paths == sorted(path for path, item_state in listed if item_state == state)
    (status,) = rows(folder, "status", "--today", today)
    assert (status["open"], status["fixed"]) == tuple(
        sum(1 for _, item_state in listed if item_state == state) for state in ("open", "fixed")
    )


def test_a_later_fix_is_not_shown(folder: Path) -> None:
    (row,) = rows(folder, "items", "--today", "2020-02-29")
    assert [row[name] for name in row if name.startswith("closed")] == [None, None, None, []]


def test_status_shows_when_the_oldest_open_item_was_opened(folder: Path) -> None:
    ages = {
        today: rows(folder, "status", "--by", "repository", "--today", today)[0]["oldest_open"]
        for today in ("2020-01-31", "2020-02-29", "2020-06-01")
    }
    assert list(ages.values()) == [None, "2020-02-01", "2020-03-01"]


def test_a_repository_was_in_scope_until_it_left(folder: Path) -> None:
    text = REMOVE_SIX + "scope: {repositories: [two]}\n"
    (folder / "campaigns" / "six.yaml").write_text(text)
    Repo(folder / "clones" / "two").commit("2020-06-10", {"x.py": ""})
    scan(folder, date(2020, 7, 1))
    assert rows(folder, "items", "--today", "2020-07-01") == []
    assert len(rows(folder, "items", "--today", "2020-06-30")) == 2


def test_items_can_be_filtered_by_a_captured_value(tmp_path: Path) -> None:
    text = REMOVE_SIX.replace("import six", "import (?P<what>six|five)")
    folder = workspace(tmp_path, six=text)
    repo = Repo(folder / "clones" / "one")
    repo.commit("2020-02-01", {"a.py": "import six\n", "b.py": "import five\n"})
    scan(folder, date(2020, 6, 1))
    assert [row["path"] for row in rows(folder, "items", "--capture", "what=five")] == ["b.py"]
    assert rows(folder, "items", "--capture", "who=five") == []
    assert "NAME=VALUE" in headway(folder, "items", "--capture", "five", code=2).stderr


def test_every_text_of_an_opening_has_its_commit(tmp_path: Path) -> None:
    campaign = REMOVE_SIX.replace("six\\b", "(?P<name>six\\w*)")
    folder = workspace(tmp_path, six=campaign)
    repo = Repo(folder / "clones" / "one")
    first = repo.commit("2020-02-01", {"a.py": "import six\n" + "x = 1\n" * 9})
    second = repo.commit("2020-03-01", {"a.py": "  import six9\t# why\r\n" + "x = 1\n" * 9})
    repo.git("mv", "a.py", "b.py")
    third = repo.commit("2020-04-01")
    scan(folder, date(2020, 6, 1))
    (row,) = rows(folder, "items", "--state", "all")
    assert row["texts"] == [
        {
            "commit": first,
            "at": "2020-02-01T12:00:00Z",
            "path": "a.py",
            "text": "import six",
            "captures": {"name": "six"},
        },
        {
            "commit": second,
            "at": "2020-03-01T12:00:00Z",
            "path": "a.py",
            "text": "  import six9\t# why\r",
            "captures": {"name": "six9"},
        },
        {
            "commit": third,
            "at": "2020-04-01T12:00:00Z",
            "path": "b.py",
            "text": "  import six9\t# why\r",
            "captures": {"name": "six9"},
        },
    ]
    (early,) = rows(folder, "items", "--today", "2020-02-10")
    assert (early["captures"], early["excerpt"]) == ({"name": "six"}, "import six")
    assert len(early["texts"]) == 1
