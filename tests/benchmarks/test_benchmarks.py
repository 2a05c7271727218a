"""The history benchmark runs on generated repositories, and all tools find the same matches."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_history_benchmark_checks_its_matches_with_git_grep(tmp_path: Path) -> None:
    out = tmp_path / "RESULTS.md"
    command = [sys.executable, "-m", "benchmarks", "--made", "2", "--rounds", "1"]
    done = subprocess.run(
        [*command, "--only", "history", "--out", out], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    results = out.read_text("utf-8")
    assert "2 generated repositories" in results
    assert "the open items are exactly the lines that `git grep` found" in results
    assert "| 10 rules, exact |" in results
