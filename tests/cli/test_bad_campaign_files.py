"""All errors of all campaign files are reported together, each with its file, line and column."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.git import Repo
from tests.support.workspaces import headway, workspace

RULES = "deprecated: [{id: six, scanner: regex, pattern: six}]\n"
FILES = {
    "aliases": (b"title: &a x\nsummary: [" + b"*a," * 300_000 + b"]\n", 2, "YAML aliases are not"),
    "date": (f"title: a\ndue: 2026-02-30\n{RULES}".encode(), 2, "there is no such date"),
    "duplicate": (f"title: a\ntitle: b\n{RULES}".encode(), 2, "duplicate key `title`"),
    "huge": (b"#" * 5_000_000, 1, "the file is larger than 1 MiB"),
    "scanner": (b"title: a\ndeprecated: [{id: a, scanner: regx}]\n", 2, "there is no scanner"),
    "tab": (b"title: a\nscope:\n\tforks: true\n", 3, "a tab is used"),
    "type": (f"title: a\nsummary: [a]\n{RULES}".encode(), 2, "`summary` must be text"),
    "utf16": ("title: a\n".encode("utf-16"), 1, "the file is not UTF-8 text"),
}


@pytest.mark.fault(33)
@pytest.mark.parametrize("command", ["validate", "scan"])
def test_all_errors_of_all_files_are_reported_together(tmp_path: Path, command: str) -> None:
    folder = workspace(tmp_path)
    Repo(folder / "clones" / "shop").commit("2020-01-10", {"a.py": "import six\n"})
    for name, (content, _, _) in FILES.items():
        (folder / "campaigns" / f"{name}.yaml").write_bytes(content)
    # A file with a byte order mark is valid.
    (folder / "campaigns" / "mark.yaml").write_text(f"\ufefftitle: a\n{RULES}")
    result = headway(folder, command, code=1)
    assert "Traceback" not in result.output
    assert "mark.yaml" not in result.output
    for name, (_, line, message) in FILES.items():
        place = (
            rf"error: [^\n]*{re.escape(message)}[^\n]*\n +--> campaigns/{name}\.yaml:{line}:\d+\n"
        )
        assert re.search(place, result.output), (name, result.output)
    assert not (folder / "headway.duckdb").exists()
