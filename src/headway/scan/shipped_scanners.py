"""Import the shipped scanners when this module is imported.

The fork server imports this module once, so that workers need not import the scanners again.
"""

from __future__ import annotations

from contextlib import suppress

from headway.config.workspace import shipped_folder
from headway.plugins import modules_in_folder

for _, load in modules_in_folder(shipped_folder() / "scanners", "scanner"):
    # A worker that loads the scanners reports why one of them cannot be imported.
    with suppress(Exception):
        load()
