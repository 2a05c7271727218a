"""What these tests leave behind: nothing but what pytest keeps of its last runs."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.support.processes import begin

ASK = "import tempfile; print(tempfile.gettempdir())"


def test_temporary_files_of_tests_and_of_what_they_start_lie_where_pytest_clears_up(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    kept = tmp_path_factory.getbasetemp()
    assert Path(tempfile.gettempdir()).is_relative_to(kept)
    started = subprocess.run(
        [sys.executable, "-c", ASK], capture_output=True, text=True, check=True
    )
    assert Path(started.stdout.strip()).is_relative_to(kept)


def test_and_those_of_scans_that_are_disturbed(tmp_path: Path) -> None:
    scan = begin(tmp_path, under=[sys.executable, "-c", ASK + " #"])
    said, _ = scan.communicate(timeout=60)
    assert said.strip() == tempfile.gettempdir()
