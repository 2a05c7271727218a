"""The commands on docs/nightly-cron.md work."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.git import Repo, git
from tests.support.workspaces import headway, workspace

PAGE = (Path(__file__).parents[2] / "docs" / "nightly-cron.md").read_text("utf-8")
(SCRIPT,) = (text for text in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) if "#!" in text)


def run_script(home: Path, program: str) -> int:
    """Run the nightly script with a program as `headway`, and return its exit code."""
    (home / "headway.env").write_text("export GITHUB_TOKEN=...\n")
    installed = home / "headway" / "bin" / "headway"
    installed.parent.mkdir(parents=True)
    installed.write_text(f"#!/bin/sh\n{program}\n")
    installed.chmod(0o755)
    (home / "nightly.sh").write_text(SCRIPT)
    return subprocess.run(
        ["sh", "nightly.sh"],
        cwd=home,
        env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=False,
    ).returncode


def test_the_script_writes_the_pages_although_something_is_unknown(tmp_path: Path) -> None:
    clones = workspace(tmp_path / "workspace") / "clones"
    Repo(clones / "app").commit("2026-01-05", {"a.py": "import six\n"})
    unknown = Repo(clones / "unknown")
    unknown.commit("2026-01-05", {"a.py": "import six\n"})
    git(unknown.path, "symbolic-ref", "HEAD", "refs/heads/gone")
    assert run_script(tmp_path, f'exec "{sys.executable}" -m headway "$@"') == 3
    assert (tmp_path / "workspace" / "site" / "index.html").is_file()


@pytest.mark.parametrize(("scan", "report", "code"), [(0, 0, 0), (0, 1, 1), (3, 0, 3), (1, 0, 1)])
def test_the_script_ends_with_the_exit_code_of_the_command_that_failed(
    tmp_path: Path, scan: int, report: int, code: int
) -> None:
    program = f'echo "$@ $GITHUB_TOKEN" >> log\ncase "$3" in scan) exit {scan};; esac\n'
    assert run_script(tmp_path, f"{program}exit {report}") == code
    folder = f"-C {tmp_path}/workspace"
    assert (tmp_path / "log").read_text().splitlines() == [
        f"{folder} scan --stop-after 5h ...",
        f"{folder} report ...",
    ]


def test_the_workspace_is_created_without_jobs(tmp_path: Path) -> None:
    (command,) = re.findall(r"headway init ~/workspace (.*)", PAGE)
    target = tmp_path / "workspace"
    headway(tmp_path, "init", str(target), *command.replace("ORGANISATION", "acme").split())
    assert (target / "headway.toml").is_file()
    assert not (target / ".github").exists()
