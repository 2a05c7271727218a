"""In a terminal of 80 columns, the table of every command fits, and `--wide` shows all of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from headway.cli import output
from tests.support.git import Repo
from tests.support.workspaces import headway, workspace

TODAY = ("--today", "2020-03-01")
CAMPAIGN = """title: Remove six
starts: 2020-01-06
due: 2020-06-30
deprecated:
  - id: import-six-or-anything-that-belongs-to-it
    scanner: regex
    pattern: '^import (?P<module>six\\S*)'
milestones:
  - {name: The first of several milestones, due: 2020-04-30, repositories: ["platform/*"]}
exemptions:
  - repositories: ["*/legacy-billing-and-invoicing"]
    reason: The service will be switched off as soon as its last contract has ended
    until: 2020-09-30
    approved_by: architecture-board
"""
COMMANDS = (
    ("status",),
    ("status", "--by", "repository"),
    ("status", "--by", "team"),
    ("status", "--by", "milestone"),
    ("items",),
    ("items", "--state", "all"),
    ("burndown", "remove-six-and-its-compatibility-layer"),
    ("burndown", "remove-six-and-its-compatibility-layer", "--series", "module"),
    ("repositories",),
    ("exemptions",),
    ("owners", "platform/legacy-billing-and-invoicing"),
    ("scanners",),
    ("query", "--views"),
    ("query", "SELECT * FROM items"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = workspace(
        tmp_path_factory.mktemp("narrow"), remove_six_and_its_compatibility_layer=CAMPAIGN
    )
    for name in ("legacy-billing-and-invoicing", "authentication-gateway-for-partners"):
        repository = Repo(folder / "clones" / "platform" / name)
        path = "services/payments/source/main/python/acme/payments/legacy/client.py"
        modules = [f"six.moves.urllib.robotparser.version{number}" for number in range(12)]
        text = "".join(f"import {module}\n" for module in modules)
        repository.commit("2020-01-10", {path: text, "CODEOWNERS": "* @acme/the-platform-team\n"})
    headway(folder, *TODAY, "scan", "--jobs", "1")
    return folder


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(output, "is_terminal", lambda: True)


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_the_table_fits_in_80_columns(folder: Path, arguments: tuple[str, ...]) -> None:
    result = headway(folder, *TODAY, *arguments)
    assert result.stdout
    too_wide = [line for line in result.stdout.splitlines() if cell_len(line) > 80]
    assert too_wide == []


@pytest.mark.usefixtures("terminal")
def test_hidden_columns_are_named_and_wide_shows_them(folder: Path) -> None:
    narrow = headway(folder, *TODAY, "items")
    assert "(not shown: rule, team, since; --wide shows all)" in narrow.stderr
    assert "import-six-or" not in narrow.stdout
    wide = headway(folder, *TODAY, "items", "--wide")
    assert "not shown" not in wide.stderr
    assert "import-six-or-anything-that-belongs-to-it" in wide.stdout


def test_in_a_pipe_every_row_is_one_line_with_all_columns(folder: Path) -> None:
    result = headway(folder, *TODAY, "items")
    assert len(result.stdout.splitlines()) == 13
    assert "not shown" not in result.stderr
