"""Programs that some tests need, and that a bare machine may lack.

A test that needs a missing program is skipped with a reason that names the program. At the end of
the run, `tests/conftest.py` lists the skipped tests, and makes the run fail in CI.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def program(name: str) -> str:
    """Return the path of a program, or skip the test."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def strace(*options: str) -> list[str]:
    """Return a strace command with these options, or skip the test.

    In some containers, strace is installed but has no permission to trace other processes.
    """
    found = program("strace")
    if not _can_trace(found):
        pytest.skip("strace is not allowed to trace processes on this machine")
    return [found, *options]


def chromium(playwright: Playwright) -> str:
    """Return the path of Chromium, installed by the system or by playwright, or skip the test."""
    found = [path for name in _BROWSERS if (path := shutil.which(name))]
    found.append(playwright.chromium.executable_path)
    installed = [path for path in found if Path(path).is_file()]
    if not installed:
        pytest.skip("chromium is not installed")
    return installed[0]


@lru_cache(maxsize=1)
def _can_trace(path: str) -> bool:
    command = [path, "-o", os.devnull, "-e", "trace=none", "true"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
