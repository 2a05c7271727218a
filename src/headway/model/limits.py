"""Limits on how much of one repository a scan reads.

A repository that exceeds a limit is unknown, with the limit as the reason. The defaults are far
above what real repositories contain; they exist to bound hostile ones.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one scan."""

    max_text_bytes: int = 32_000_000
    """The maximum size of a text file. Binary files are not read."""
    max_files: int = 2_000_000
    """The maximum number of files in one commit, or changed by one commit."""
    max_matches: int = 250_000
    """The maximum number of matches that one rule has ever had in one repository."""
    window: int = 50_000
    """The number of changed files to hold in memory at a time."""
    held_matches: int = 500_000
    """The number of matches in memory above which fewer files are held at a time."""
    scanner_seconds: float = 120.0
    """The time that a scanner may take for one file, or for one list of paths."""
    memory_bytes: int = 4_000_000_000
    """The memory, in bytes, that a process that runs scanners may allocate."""


DEFAULT_LIMITS = Limits()

EXCERPT_LENGTH = 200
"""The length, in characters, to which the excerpt of a matched line is cut."""
