"""Limits on how much of one repository a scan reads.

What exceeds a maximum is unknown, and the reason names the limit. The default limits are far above
what real repositories contain. They protect scans from hostile repositories.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one scan."""

    max_text_bytes: int = 32_000_000
    """The maximum size, in bytes, of a text file. Binary files are not read."""
    max_files: int = 2_000_000
    """The maximum number of files that a commit may contain, and that it may change."""
    max_matches: int = 250_000
    """The maximum number of matches that one rule may have in the history of one repository."""
    window: int = 50_000
    """The number of changed files to hold in memory at a time."""
    held_matches: int = 500_000
    """If more matches than this are in memory, fewer files are held at a time."""
    scanner_seconds: float = 120.0
    """The time, in seconds, that a scanner may take for one file or for one list of paths."""
    memory_bytes: int = 4_000_000_000
    """The memory, in bytes, that each process that runs scanners may allocate."""

    @property
    def of_scanners(self) -> str:
        """The limits that end a scanner, as a text that changes with each of them."""
        return f"{self.scanner_seconds:g} s, {self.memory_bytes} bytes"


DEFAULT_LIMITS = Limits()

EXCERPT_LENGTH = 200
"""The maximum length, in characters, of the excerpt of a matched line."""
