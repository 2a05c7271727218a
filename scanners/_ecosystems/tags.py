"""Versions that are image tags, git tags or git branches, and ranges of such versions.

A tag such as `18` or `v3.1` stands for all versions that begin with it, because the tag moves to
the newest of them. A tag or branch without a number, such as `latest`, is a separate version.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TypeAlias

from . import semver_key
from .records import Facts, Finding
from .version_sets import (
    ALL,
    VersionSet,
    at_least,
    between,
    exactly,
    intersection,
    union,
)

Key: TypeAlias = tuple[bool, semver_key.Key | str]
"""The sort key, with names before numbers: (False, name) or (True, the key of the version)."""

_LONGEST = 300
_NUMBERED = re.compile(
    r"(?:releases?[/-])?v?(?P<numbers>\d{1,20}(?:[._]\d{1,20}){0,7})"
    r"(?:[-._]?(?P<prerelease>(?:alpha|beta|preview|pre|rc|dev|milestone|snapshot|canary|nightly"
    r"|ea|a|b|m)(?![a-z])[-._]?\d{0,20}))?(?![0-9])",
    re.IGNORECASE | re.ASCII,
)
_COMMIT = re.compile(r"(?=.*[a-f])[0-9a-f]{7,64}|[0-9a-f]{40}")
_NAME = re.compile(r"\w[\w./:@+\-]*", re.ASCII)
_COMPARISON = re.compile(r"(<=|>=|<|>|!=|==?)?\s*([^\s,<>=!|]+)")
_ANY = re.compile(r"[*xX]")
_VARIABLE = re.compile(r"\$.*|\{\{.*|\$\[.*")
_LONGEST_NAME = 100
_LEAST: Key = (True, semver_key.key_of((), "0"))


def key(tag: str) -> Key:
    """Return the sort key of a tag. Any suffix after the number, such as `-alpine`, is ignored."""
    parsed = _parsed(tag)
    if parsed is None:
        return False, tag.lower()
    return True, semver_key.key_of(*parsed)


def findings(facts: Mapping[str, Facts], package: str) -> Iterator[Finding]:
    """Find a package whose versions are literal tags. A tag with a variable is unresolved."""
    for path, known in facts.items():
        for one in known.requirements.get(package, ()):
            variable = _VARIABLE.search(one.constraint)
            unresolved = variable[0][:_LONGEST_NAME] if variable is not None else ""
            yield Finding(path, one.line, one.column, one.constraint, unresolved=unresolved)


@lru_cache(maxsize=4096)
def versions(constraint: str) -> VersionSet:
    """Return the versions in a range such as `<18`, `>=16 <20`, `3.8 || 3.9` or `latest`.

    Raises:
        ValueError: The constraint is not a range.
    """
    text = constraint.strip()
    if not text:
        return ALL
    if len(text) > _LONGEST:
        raise ValueError(f"a range of tags must have at most {_LONGEST} characters")
    return union(_alternative(part) for part in text.split("||"))


def _alternative(text: str) -> VersionSet:
    sets = []
    position = 0
    text = text.strip().rstrip(",")
    while position < len(text):
        found = _COMPARISON.match(text, position)
        if found is None or (
            _ANY.fullmatch(found[2]) is None
            and _NAME.fullmatch(found[2].removesuffix(".*")) is None
        ):
            break
        sets.append(_compared(found[1] or "", found[2]))
        position = found.end()
        while position < len(text) and text[position] in ", \t":
            position += 1
    if position < len(text) or not sets:
        raise ValueError(
            f"`{text:.80}` is not a range of tags; write, for example, `<18`, `>=16 <20` or `3.8`"
        )
    return intersection(sets)


def _compared(operator: str, tag: str) -> VersionSet:
    if _ANY.fullmatch(tag):
        return ALL
    parsed = _parsed(re.sub(r"(?:\.[*xX])+$", "", tag))
    if parsed is None:
        if operator in ("", "=", "=="):
            return exactly(key(tag))
        if operator == "!=":
            return exactly(key(tag)).complement()
        raise ValueError(f"`{tag:.80}` has no number, so no tag comes before or after it")
    numbers, prerelease = parsed
    first: Key = (True, semver_key.key_of(numbers, prerelease))
    lowest = first if prerelease else (True, semver_key.key_of(numbers, "0"))
    following: Key = (True, semver_key.key_of((*numbers[:-1], numbers[-1] + 1), "0"))
    same = exactly(first) if prerelease else between(first, following)
    if operator == "<":
        return between(_LEAST, lowest)
    if operator == "<=":
        return between(_LEAST, first).union(same)
    if operator == ">=":
        return at_least(first)
    if operator == ">":
        return at_least(first).intersection(same.complement())
    return same.complement() if operator == "!=" else same


@lru_cache(maxsize=4096)
def _parsed(tag: str) -> tuple[tuple[int, ...], str] | None:
    """Return the numbers and prerelease of a tag, or None if it has none or is a commit."""
    found = _NUMBERED.match(tag) if len(tag) <= _LONGEST else None
    if found is None or _COMMIT.fullmatch(tag):
        return None
    numbers = tuple(int(part) for part in re.split("[._]", found["numbers"]))
    prerelease = (found["prerelease"] or "").lower()
    return numbers, ".".join(re.findall(r"[a-z]+|\d+", prerelease))
