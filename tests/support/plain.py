"""The plain way: every file of every commit, read whole and searched line by line with `re`.

Slow and obviously right; what the engine finds is compared with it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from headway.git.names import text_of
from tests.support.git import git


class PlainRule(NamedTuple):
    """wants: whether the rule is for a path."""

    pattern: str
    wants: Callable[[str], bool]


class PlainMatch(NamedTuple):
    rule: str
    path: str
    line: int
    excerpt: str


def matches_of(git_dir: Path, commit: str, rules: Mapping[str, PlainRule]) -> Counter[PlainMatch]:
    """Everything that the rules find in one commit."""
    found: Counter[PlainMatch] = Counter()
    listed = git(git_dir, "ls-tree", "-r", "-z", commit).encode("utf-8", "surrogateescape")
    for entry in filter(None, listed.split(b"\0")):
        described, _, name = entry.partition(b"\t")
        mode, _, blob = described.decode().split(" ")
        path = text_of(name)
        if not mode.startswith("100"):
            continue
        for rule, (pattern, wants) in rules.items():
            if wants(name.decode("utf-8", "replace")):
                for line, excerpt in _lines(git_dir, blob, pattern):
                    found[PlainMatch(rule, path, line, excerpt)] += 1
    return found


@cache
def _lines(git_dir: Path, blob: str, pattern: str) -> list[tuple[int, str]]:
    content = git(git_dir, "cat-file", "blob", blob).encode("utf-8", "surrogateescape")
    if b"\0" in content[:8000]:
        return []
    lines = content.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    try:
        content.decode()
        hits = [bool(re.search(pattern, line.decode(), re.ASCII)) for line in lines]
    except UnicodeDecodeError:
        hits = [bool(re.search(pattern.encode(), line)) for line in lines]
    return [
        (number, line.decode("utf-8", "backslashreplace").replace("\0", "\\x00").strip()[:200])
        for number, (line, hit) in enumerate(zip(lines, hits, strict=True), 1)
        if hit
    ]
