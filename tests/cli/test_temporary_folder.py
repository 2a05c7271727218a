"""A command has one temporary folder, which the next command deletes if it was killed."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

CODE = """
import os, signal, sys, tempfile
from headway.cli import temporary_folder
temporary_folder.create()
from multiprocessing.util import get_temp_dir
tempfile.mkdtemp(prefix="headway-tree-")
get_temp_dir()
if sys.argv[1] == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
"""


def run(folder: Path, how: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", CODE, how],
        env={"TMPDIR": str(folder), "PATH": ""},
        capture_output=True,
        check=False,
    )
    assert done.stderr == b""
    return done.returncode


@pytest.fixture
def short_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        yield Path(name)


@pytest.mark.fault(38)
def test_temporary_files_of_a_killed_command_are_deleted_by_the_next_one(
    short_folder: Path,
) -> None:
    assert run(short_folder, "killed") == -9
    (left,) = short_folder.iterdir()
    assert sorted(path.name.partition("-")[0] for path in left.iterdir()) == ["headway", "pymp"]
    assert run(short_folder, "ends") == 0
    assert list(short_folder.iterdir()) == []


def test_a_temporary_folder_with_a_long_path_is_used_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 60)
    folder.mkdir()
    assert run(folder, "ends") == 0
    assert [path.name[:12] for path in folder.iterdir()] == ["headway-tree"]
