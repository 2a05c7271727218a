"""The fork server imports the shipped scanners once for all workers."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
import headway.scan.job_runner, headway.scan.shipped_scanners
from headway.config.workspace import shipped_folder
from headway.plugins import modules_in_folder

before = set(sys.modules)
for _, load in modules_in_folder(shipped_folder() / "scanners", "scanner"):
    load()
print(len(set(sys.modules) - before))
"""


def test_loading_the_scanners_imports_nothing_after_the_preload() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert done.stdout == "0\n"
