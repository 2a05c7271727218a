"""A slow, simple matcher that searches every line of every file in a commit with `re`.

Tests compare the matches that Headway finds with the matches that this module finds.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from headway.git.path_encoding import text_of
from tests.support.git import git


class PlainRule(NamedTuple):
    """A regular expression, and the files to which it applies."""

    pattern: str
    wants: Callable[[str], bool]
    """Returns whether the rule applies to a file with this path."""
    flags: re.RegexFlag = re.NOFLAG
    spans: bool = False
    """Whether a match may continue on the next line."""


class PlainMatch(NamedTuple):
    rule: str
    path: str
    line: int
    excerpt: str


def matches_of(git_dir: Path, commit: str, rules: Mapping[str, PlainRule]) -> Counter[PlainMatch]:
    """Return all matches of the rules in one commit."""
    found: Counter[PlainMatch] = Counter()
    listed = git(git_dir, "ls-tree", "-r", "-z", commit).encode("utf-8", "surrogateescape")
    for entry in filter(None, listed.split(b"\0")):
        described, _, name = entry.partition(b"\t")
        mode, _, blob = described.decode().split(" ")
        path = text_of(name)
        if not mode.startswith("100"):
            continue
        for rule, (pattern, wants, flags, spans) in rules.items():
            if wants(name.decode("utf-8", "replace")):
                find = _spans if spans else _lines
                for line, excerpt in find(git_dir, blob, pattern, flags | re.ASCII):
                    found[PlainMatch(rule, path, line, excerpt)] += 1
    return found


@cache
def _lines(git_dir: Path, blob: str, pattern: str, flags: re.RegexFlag) -> list[tuple[int, str]]:
    lines = _text(git_dir, blob).split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    hits = [_search(pattern, line, flags) for line in lines]
    return [
        (number, _excerpt(line))
        for number, (line, hit) in enumerate(zip(lines, hits, strict=True), 1)
        if hit
    ]


@cache
def _spans(git_dir: Path, blob: str, pattern: str, flags: re.RegexFlag) -> list[tuple[int, str]]:
    """Return (line number, text) of the first match that starts in each line."""
    content = _text(git_dir, blob)
    found = []
    lines = content.split(b"\n")
    for number in range(len(lines)):
        rest = b"\n".join(lines[number:])
        hit = _search(pattern, rest, flags | re.MULTILINE)
        if hit is None or b"\n" in rest[: hit[0]] or (not rest and number):
            continue
        reach = rest[: max(hit[0], hit[1] - 1)].count(b"\n") + 1
        found.append((number + 1, _excerpt(b"\n".join(lines[number : number + reach]))))
    return found


def _search(pattern: str, content: bytes, flags: re.RegexFlag) -> tuple[int, int] | None:
    """Return the byte offsets of the first match's start and exclusive end, or None."""
    # A byte that is not UTF-8 counts as one character, as in `git grep -P`.
    text = content.decode("utf-8", "surrogateescape")
    hit = re.search(pattern, text, flags)
    if hit is None:
        return None
    start, end = hit.span()
    return _size(text[:start]), _size(text[:end])


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogateescape"))


@cache
def _text(git_dir: Path, blob: str) -> bytes:
    """Return the content of a file, or nothing for a binary file."""
    content = git(git_dir, "cat-file", "blob", blob).encode("utf-8", "surrogateescape")
    return b"" if b"\0" in content[:8000] else content


def _excerpt(line: bytes) -> str:
    """Return the first 200 characters of a line.

    If the match is further right, the engine moves the excerpt. Every match in a test must
    therefore be within the first 50 characters.
    """
    text = line.decode("utf-8", "backslashreplace").replace("\0", "\\x00")
    return text.strip() if len(text) <= 200 else f"{text[:200].strip()}…"
