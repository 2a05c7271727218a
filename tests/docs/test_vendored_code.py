"""The table of vendored code in docs/numbers.md agrees with scans."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tests.support.git import Repo
from tests.support.workspaces import REMOVE_SIX, rows, scan, workspace

PAGE = (Path(__file__).parents[2] / "docs" / "numbers.md").read_text("utf-8")


def test_the_table_shows_the_open_items_and_movements(tmp_path: Path) -> None:
    section = PAGE.partition("## Vendored and generated code")[2].partition("\n## ")[0]
    table = [line.strip("| ").split(" | ") for line in section.splitlines() if line[:1] == "|"]
    folder = workspace(tmp_path, six=REMOVE_SIX)
    repo = Repo(folder / "clones" / "app")
    repo.commit("2026-01-01")
    expected = {}
    for day, file, content, open_items, movement in table[2:]:
        text = None if content == "deleted" else content.strip("`") + "\n"
        repo.commit(day, {file.strip("`"): text})
        expected[day] = int(open_items), movement.strip("`")
    assert len(expected) == 5
    scan(folder, date(2026, 3, 1))
    points = rows(folder, "burndown", "six", "--by", "day", "--today", "2026-03-01")
    names = ("new", "regressed", "scope_added", "fixed", "scope_removed")
    found = {
        point["date"]: (
            point["open"],
            ", ".join(name for name in names if point[name]) or "none",
        )
        for point in points
        if point["date"] in expected
    }
    assert found == expected
