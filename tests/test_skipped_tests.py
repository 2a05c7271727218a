"""A test run lists the tests that it skips for lack of programs. In CI, such a run fails."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TESTS = """
from tests.support.programs import program, strace

def test_one(): program("no-such-program")
def test_two(): program("no-such-program")
def test_three(): strace()
def test_four(): pass
"""


@pytest.mark.parametrize(("ci", "code"), [("", 0), ("true", 1)])
def test_skipped_tests_are_listed_by_name_and_fail_in_ci(
    tmp_path: Path, ci: str, code: int
) -> None:
    (tmp_path / "test_bare.py").write_text(TESTS)
    plugins = ("-p", "tests.conftest", "-p", "no:cacheprovider", "-n0")
    options = ("--rootdir", str(tmp_path), "-o", "addopts=")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, *options, str(tmp_path / "test_bare.py")],
        cwd=ROOT,
        env={"PATH": "/nowhere", "CI": ci, "HOME": os.environ.get("HOME", "/")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout
    assert "1 passed, 3 skipped" in done.stdout
    assert "2 skipped: no-such-program is not installed" in done.stdout
    assert "1 skipped: strace is not installed" in done.stdout
    for name in ("one", "two", "three"):
        assert f"test_bare.py::test_{name}\n" in done.stdout
