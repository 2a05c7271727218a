"""The plugin in docs/plugin.md works as a file in a workspace, and passes its own test."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.git import Repo
from tests.support.workspaces import headway, rows, workspace

PAGE = (Path(__file__).parents[2] / "docs" / "plugin.md").read_text("utf-8")
BLOCKS = dict(re.findall(r"```\w+\n# (\S+)\n(.*?)```", PAGE, re.DOTALL))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = workspace(tmp_path_factory.mktemp("work"))
    for name, text in BLOCKS.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_the_plugin_has_as_many_lines_as_the_page_says() -> None:
    assert len(BLOCKS["scanners/long_function.py"].splitlines()) <= 31


def test_its_own_test_passes(folder: Path) -> None:
    code = "from tests.test_long_function import test_long_function as test; test()"
    subprocess.run([sys.executable, "-c", code], cwd=folder, check=True)


def test_the_campaign_finds_long_functions(folder: Path) -> None:
    assert "no errors" in headway(folder, "validate", "short-functions").stdout
    repo = Repo(folder / "clones" / "shop")
    repo.commit("2026-01-10", {"a.py": "def f():\n" + "    x = 1\n" * 90, "b.py": "def ("})
    headway(folder, "scan", "--jobs", "1", "--today", "2026-02-01", code=3)
    (item,) = rows(folder, "items", "short-functions", "--today", "2026-02-01")
    assert (item["path"], item["line"], item["excerpt"]) == ("a.py", 1, "def f")


def test_the_list_of_scanners_shows_where_it_comes_from(folder: Path) -> None:
    (row,) = (row for row in rows(folder, "scanners") if row["scanner"] == "long-function")
    assert (row["origin"], row["place"]) == (
        "workspace",
        str(folder / "scanners" / "long_function.py"),
    )
    assert (
        "lines: integer, at least 1; default: 50"
        in headway(folder, "scanners", "long-function").stdout
    )
