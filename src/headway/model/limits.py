"""Limits on the amount of data that a scan reads from one repository.

Results beyond a limit are reported as unknown, with the limit as the reason. The limits protect
scans from hostile repositories. The defaults are far above the sizes of real repositories.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one scan."""

    max_text_bytes: int = 32_000_000
    """The maximum size of a text file, in bytes. Binary files are not read."""
    max_files: int = 2_000_000
    """The maximum number of files that a commit may contain or change."""
    max_matches: int = 250_000
    """The maximum number of matches of one rule in the history of one repository."""
    window: int = 50_000
    """The number of changed files to hold in memory at a time."""
    held_matches: int = 500_000
    """The maximum number of matches in memory. To stay below it, fewer files are read at a time."""
    scanner_seconds: float = 120.0
    """The maximum time that a scanner may spend on one file or one list of paths, in seconds."""
    memory_bytes: int = 4_000_000_000
    """The maximum memory of each process that runs scanners, in bytes."""

    @property
    def of_scanners(self) -> str:
        """The limits on scanners, as a string that changes whenever one of these limits changes."""
        return f"{self.scanner_seconds:g} s, {self.memory_bytes} bytes"


DEFAULT_LIMITS = Limits()

EXCERPT_LENGTH = 200
"""The maximum length of the excerpt of a matched line, in characters."""
