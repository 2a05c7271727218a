"""How much of one repository a scan is ready to take; over a limit it is unknown, with the reason.

All of them are far above what honest repositories hold; they bound hostile ones.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """max_text_bytes: size of one text file that a rule admits (binary files do not count).
    max_files: files in one commit, or changed by one. max_matches: what one rule may ever have
    found in one repository. window: how many changed files are held in memory at a time.
    held_matches: how many matches in them; where there are more, fewer files are held.
    scanner_seconds: for one answer of a content or tree scanner, about one file or one list of
    paths. memory_bytes: what a process that runs scanners may allocate.
    """

    max_text_bytes: int = 32_000_000
    max_files: int = 2_000_000
    max_matches: int = 250_000
    window: int = 50_000
    held_matches: int = 500_000
    scanner_seconds: float = 120.0
    memory_bytes: int = 4_000_000_000


DEFAULT_LIMITS = Limits()
