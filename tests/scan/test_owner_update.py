"""Current and historical owners are computed from real repositories."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from tests.support.git import Repo
from tests.support.workspaces import rows, scan, workspace

TODAY = date(2020, 3, 31)
TEAMS = """teams:
  - {name: payments, aliases: ["@acme/pay"]}
  - {name: search, paths: ["find/**"]}
"""


def series(folder: Path, team: str, owners: str, *names: str) -> list[tuple[Any, ...]]:
    """Return (date, open, ...) for each month."""
    points = rows(
        folder,
        "burndown",
        "remove-six",
        "--by",
        "month",
        "--team",
        team,
        "--owners",
        owners,
        "--today",
        str(TODAY),
    )
    return [
        (point["date"][5:], point["open"], *(point[name] for name in names)) for point in points
    ]


def test_a_reorganisation_is_a_transfer_for_historical_owners_and_nothing_for_current_ones(
    tmp_path: Path,
) -> None:
    folder = workspace(tmp_path)
    (folder / "teams.yaml").write_text(TEAMS)
    repo = Repo(folder / "clones" / "one")
    repo.commit(
        "2019-12-01",
        {
            "pay/a.py": "import six\n",
            "web/b.py": "import six\n",
            "find/c.py": "import six\n",
            "CODEOWNERS": "/pay/ @acme/pay\n",
        },
    )
    repo.commit("2020-02-10", {"CODEOWNERS": "/pay/ @acme/pay\n/web/ @acme/pay\n"})
    repo.commit("2020-03-10", {"web/b.py": ""})
    scan(folder, TODAY)
    assert series(folder, "payments", "current", "fixed", "scope_added") == [
        ("01-31", 2, 0, 0),
        ("02-29", 2, 0, 0),
        ("03-31", 1, 1, 0),
    ]
    assert series(folder, "payments", "historical", "fixed", "scope_added", "received") == [
        ("01-31", 1, 0, 0, 0),
        ("02-29", 2, 0, 1, 1),
        ("03-31", 1, 1, 0, 0),
    ]
    assert series(folder, "unowned", "historical", "scope_removed", "handed_over") == [
        ("01-31", 1, 0, 0),
        ("02-29", 0, 1, 1),
        ("03-31", 0, 0, 0),
    ]
    assert series(folder, "unowned", "current") == [("01-31", 0), ("02-29", 0), ("03-31", 0)]
    teams = {row["team"]: row["open"] for row in rows(folder, "status", "--by", "team")}
    assert teams == {"payments": 1, "search": 1}
    assert [row["path"] for row in rows(folder, "items", "--team", "payments")] == ["pay/a.py"]


def test_a_new_teams_file_changes_owners_without_reading_histories_again(tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    repo = Repo(folder / "clones" / "one")
    repo.commit("2019-12-01", {"find/c.py": "import six\n"})
    scan(folder, date(2020, 3, 1))
    assert [row["team"] for row in rows(folder, "items")] == ["unowned"]
    (folder / "teams.yaml").write_text(TEAMS)
    again = scan(folder, TODAY)
    assert again.unchanged == 1
    assert again.blobs == 0
    assert [row["team"] for row in rows(folder, "items")] == ["search"]
    assert series(folder, "search", "current") == [("01-31", 1), ("02-29", 1), ("03-31", 1)]
    # The historical owners of earlier days do not change.
    assert series(folder, "search", "historical", "received") == [
        ("01-31", 0, 0),
        ("02-29", 0, 0),
        ("03-31", 1, 1),
    ]


def test_an_item_that_moves_has_the_owner_of_its_path(tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    (folder / "teams.yaml").write_text(TEAMS)
    repo = Repo(folder / "clones" / "one")
    repo.commit("2019-12-01", {"a.py": "import six\n"})
    (repo.path / "find").mkdir()
    repo.git("mv", "a.py", "find/a.py")
    repo.commit("2020-02-10")
    scan(folder, TODAY)
    assert series(folder, "search", "current") == [("01-31", 1), ("02-29", 1), ("03-31", 1)]
    assert series(folder, "search", "historical") == [("01-31", 0), ("02-29", 1), ("03-31", 1)]


def test_a_catalog_names_the_owner_of_paths_without_another_owner(tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    repo = Repo(folder / "clones" / "one")
    repo.commit(
        "2019-12-01",
        {
            "a.py": "import six\n",
            "b.py": "import six\n",
            ".github/CODEOWNERS": "a.py @acme/alpha\n",
            "CODEOWNERS": "* @nobody-reads-this\n",
            "catalog-info.yaml": "kind: Component\nspec: {owner: group:beta}\n",
        },
    )
    scan(folder, TODAY)
    assert [(row["path"], row["team"]) for row in rows(folder, "items")] == [
        ("a.py", "acme/alpha"),
        ("b.py", "beta"),
    ]


def test_the_catalogs_of_a_monorepo_are_followed_in_every_folder(tmp_path: Path) -> None:
    def component(owner: str) -> str:
        return f"kind: Component\nspec:\n  owner: {owner}\n"

    found = []
    for name, days in (("once", [TODAY]), ("often", [date(2020, 1, 10), date(2020, 2, 12), TODAY])):
        folder = workspace(tmp_path / name)
        repo = Repo(folder / "clones" / "one")
        history: list[tuple[date, dict[str, str | bytes | None]]] = [
            (
                date(2019, 12, 1),
                {
                    "catalog-info.yaml": component("group:platform"),
                    "pay/a.py": "import six\n",
                    "pay/catalog-info.yaml": component("Payments"),
                    "web/b.py": "import six\n",
                    "skeleton/catalog-info.yaml": component("${{ values.owner }}"),
                    "skeleton/c.py": "import six\n",
                },
            ),
            (date(2020, 2, 10), {"web/catalog-info.yml": component("web")}),
            (date(2020, 3, 10), {"pay/catalog-info.yaml": None}),
        ]
        for day in days:
            while history and history[0][0] <= day:
                at, files = history.pop(0)
                repo.commit(str(at), files)
            scan(folder, day)
        items = rows(folder, "items", "--today", str(TODAY))
        assert {item["path"]: item["team"] for item in items} == {
            "pay/a.py": "platform",
            "web/b.py": "web",
            "skeleton/c.py": "platform",
        }
        past = [series(folder, team, "historical") for team in ("payments", "platform", "web")]
        assert [point[1] for point in past[0]] == [1, 1, 0]
        assert [point[1] for point in past[1]] == [2, 1, 2]
        found.append(past)
    assert found[0] == found[1]
