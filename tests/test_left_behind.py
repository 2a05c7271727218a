"""The tests leave no files behind, except in the folders that pytest deletes later."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.support.processes import PATIENCE, begin

PRINT_TEMP_DIR = "import tempfile; print(tempfile.gettempdir())"


def test_temporary_files_are_in_the_folder_that_pytest_cleans_up(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    base = tmp_path_factory.getbasetemp()
    assert Path(tempfile.gettempdir()).is_relative_to(base)
    child = subprocess.run(
        [sys.executable, "-c", PRINT_TEMP_DIR], capture_output=True, text=True, check=True
    )
    assert Path(child.stdout.strip()).is_relative_to(base)


def test_temporary_files_of_interrupted_scans_are_in_that_folder_too(tmp_path: Path) -> None:
    scan = begin(tmp_path, under=[sys.executable, "-c", PRINT_TEMP_DIR + " #"])
    output, _ = scan.communicate(timeout=PATIENCE)
    assert output.strip() == tempfile.gettempdir()
