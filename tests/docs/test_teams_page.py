"""The commands on docs/teams.md print the output that the page shows."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from tests.support.git import Repo
from tests.support.workspaces import headway, scan, workspace

PAGE = (Path(__file__).parents[2] / "docs" / "teams.md").read_text("utf-8")


def test_the_commands_print_the_examples(tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    (teams,) = re.findall(r"```yaml\n# teams.yaml\n(.*?)```", PAGE, re.DOTALL)
    (folder / "teams.yaml").write_text(teams)
    repo = Repo(folder / "clones" / "acme" / "monorepo")
    repo.commit("2020-01-01", {"old/a.py": "import six\n", "b.py": "import six\n"})
    repo.commit("2020-02-01", {"CODEOWNERS": "/old/ @acme/payments\n"})
    scan(folder, date(2020, 3, 1))
    examples = re.findall(r"^\$ headway (.+)\n((?:[^$`].*\n)+)", PAGE, re.MULTILINE)
    assert len(examples) == 2
    for command, printed in examples:
        shown = headway(folder, *command.split()).stdout
        assert [line.rstrip() for line in shown.splitlines()] == printed.splitlines()
