"""Edits of files in UTF-16 keep their items, as edits of files in UTF-8 do."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.support.git import Repo
from tests.support.workspaces import rows, scan, workspace

CAMPAIGN = """title: Leave six
starts: 2026-01-05
deprecated:
  - {id: six, scanner: regex, pattern: six}
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-32-be"])
def test_a_rewritten_line_is_the_same_item(tmp_path: Path, encoding: str) -> None:
    folder = workspace(tmp_path, six=CAMPAIGN)
    repo = Repo(folder / "clones" / "app")
    before, after = "first\nif six.PY2: run()\nlast\n", "first\nvalue = old(six)\nlast\n"
    repo.commit("2026-02-01", {"a.py": f"\ufeff{before}".encode(encoding)})
    repo.commit("2026-02-02", {"a.py": f"\ufeff{after}".encode(encoding)})
    scan(folder, date(2026, 6, 1))
    items = rows(folder, "items", "--state", "all")
    assert [(item["state"], item["excerpt"]) for item in items] == [("open", "value = old(six)")]
