"""A command imports only what it uses. Imports take most of the time of a short command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.git import Repo
from tests.support.workspaces import REMOVE_SIX, headway, workspace

CODE = """
import sys
from headway.cli import main
try:
    main()
except SystemExit as ended:
    assert not ended.code, ended.code
print("modules:", *sys.modules)
"""
PAGES = {"jinja2", "headway.site", "headway.digest", "headway.demo"}
FORGES = {"github", "gitlab", "requests", "httpx", "headway.storage.storage_client"}
SCANS = {"headway.scan", "headway.workers", "multiprocessing", "headway.git.process"}
FILES = {"pydantic", "yaml", "duckdb", "pathspec", "headway.config", "headway.plugins"}
UNUSED = {
    ("--version",): {*PAGES, *FORGES, *SCANS, *FILES, "rich", "headway.store"},
    ("status",): {*PAGES, *FORGES, *SCANS},
    ("scan", "--jobs", "1"): {*PAGES, *FORGES, "headway.metrics.audience_policy"},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = workspace(tmp_path_factory.mktemp("imports"), remove_six=REMOVE_SIX)
    Repo(folder / "clones" / "one").commit("2020-01-10", {"a.py": "import six\n"})
    headway(folder, "scan", "--jobs", "1")
    return folder


@pytest.mark.parametrize("arguments", UNUSED, ids=" ".join)
def test_a_command_imports_only_what_it_uses(folder: Path, arguments: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE, *arguments],
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
    )
    imported = done.stdout.rpartition("modules:")[2].split()
    assert UNUSED[arguments] & set(imported) == set()
    scanners = {name.partition(".")[2] for name in imported if name.startswith("headway_scanners")}
    assert scanners - {""} <= {"regex"}
