"""The table of unreadable files in docs/numbers.md agrees with scans."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from headway.model.limits import Limits
from tests.support.git import Repo
from tests.support.workspaces import rows, scan, workspace

PAGE = (Path(__file__).parents[2] / "docs" / "numbers.md").read_text("utf-8")
TODAY = date(2026, 4, 1)
CAMPAIGN = """title: Six
starts: 2026-01-05
deprecated: [{id: six, scanner: regex, pattern: '^import six'}]
"""


def test_the_table_shows_the_numbers_of_each_day(tmp_path: Path) -> None:
    section = PAGE.partition("## File versions that cannot be read")[2].partition("\n## ")[0]
    lines = [line.strip("| ").split(" | ") for line in section.splitlines() if line[:1] == "|"]
    table = lines[2:]
    folder = workspace(tmp_path, six=CAMPAIGN)
    repo = Repo(folder / "clones" / "app")
    repo.commit("2026-01-01", {"README": "none\n"})
    before = ""
    for day, matches, readable, *_ in table:
        content = "".join(f"import six  # {number}\n" for number in range(int(matches)))
        if readable == "no":
            content += "# and much more\n" * 100
        if content != before:
            repo.commit(day, {"app.py": content})
        before = content
    scan(folder, TODAY, limits=Limits(max_text_bytes=1000))
    found = {
        row["date"]: row
        for row in rows(folder, "burndown", "six", "--by", "day", "--today", str(TODAY))
    }
    assert len(table) == 5
    for day, _, _, *expected in table:
        row = found[day]
        numbers = [row[name] for name in ("open", "fixed_total", "coverage", "inexact")]
        shown = [str(number).lower().removesuffix(".0") for number in numbers]
        assert shown == expected, day
