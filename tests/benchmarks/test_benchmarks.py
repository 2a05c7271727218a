"""The benchmark runs, on repositories that it makes itself, and checks what its contenders find."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_history_is_measured_after_git_grep_found_the_same(tmp_path: Path) -> None:
    out = tmp_path / "RESULTS.md"
    command = [sys.executable, "-m", "benchmarks", "--made", "2", "--rounds", "1"]
    done = subprocess.run(
        [*command, "--only", "history", "--out", out], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    said = out.read_text("utf-8")
    assert "2 made repositories" in said
    assert "At all of those Headway holds the same lines" in said
    assert "| 10 rules, exact |" in said
