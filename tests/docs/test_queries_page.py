"""docs/queries.md describes every view and every column, and its examples work."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from headway.store.store_reader import Store, open_store
from headway.store.views import VIEW_NAMES
from tests.support.git import Repo
from tests.support.workspaces import REMOVE_SIX, rows, scan, workspace

PAGE = (Path(__file__).parents[2] / "docs" / "queries.md").read_text("utf-8")
DESCRIBED = {
    view: re.findall(r"`(\w+)`", columns)
    for view, columns in re.findall(r"^\| `(\w+)`: [^|]+ \| (`.+) \|$", PAGE, re.MULTILINE)
}
EXAMPLES = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    text = REMOVE_SIX.replace("import six", "import (?P<version>six)")
    folder = workspace(tmp_path_factory.mktemp("queries"), remove_six=text)
    repo = Repo(folder / "clones" / "one")
    repo.commit("2020-02-01", {"a.py": "import six\n", "b.py": "from six import moves\n"})
    repo.commit("2020-03-01", {"b.py": ""})
    scan(folder, date(2020, 4, 1))
    return folder


def columns(store: Store, view: str) -> list[str]:
    return store.query(f"FROM {view} LIMIT 0")[0]


def test_the_page_describes_every_view_with_every_column(folder: Path) -> None:
    assert set(DESCRIBED) == set(VIEW_NAMES)
    with open_store(folder / "headway.duckdb") as store:
        assert {view: columns(store, view) for view in VIEW_NAMES} == DESCRIBED


@pytest.mark.parametrize("sql", EXAMPLES)
def test_every_example_returns_rows(folder: Path, sql: str) -> None:
    assert rows(folder, "query", sql)


def test_the_shell_example_returns_the_open_items_of_a_team(folder: Path) -> None:
    (sql,) = re.findall(r'headway query "(.*)"', PAGE)
    assert rows(folder, "query", sql.replace("payments", "unowned")) == [
        {"path": "a.py", "line": 1}
    ]
