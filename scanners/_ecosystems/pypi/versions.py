"""Python's versions and ranges: PEP 440, and the range operators that Poetry adds."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import NamedTuple

from ..version_sets import (
    ALL,
    VersionSet,
    above,
    at_least,
    at_most,
    below,
    between,
    exactly,
    intersection,
    union,
)

_VERSION = r"""
    v?(?:(?P<epoch>\d+)!)?
    (?P<release>\d+(?:\.\d+)*)
    (?:[-_.]?(?P<pre>alpha|beta|preview|pre|a|b|c|rc)[-_.]?(?P<pre_number>\d*))?
    (?P<post>-(?P<post_implied>\d+)|[-_.]?(?:post|rev|r)[-_.]?(?P<post_number>\d*))?
    (?P<dev>[-_.]?dev[-_.]?(?P<dev_number>\d*))?
    (?:\+(?P<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?
"""
_FLAGS = re.VERBOSE | re.IGNORECASE | re.ASCII
_VERSION_PATTERN = re.compile(rf"\s*{_VERSION}\s*", _FLAGS)
_PREFIX_PATTERN = re.compile(r"\s*v?(?:(\d+)!)?(\d+(?:\.\d+)*)\.[*x]\s*", _FLAGS)
_CLAUSE = re.compile(r"\s*(===|~=|==|!=|<=|>=|<|>|=|\^|~)?\s*(.*?)\s*", re.DOTALL)
_OPERATOR_AFTER_SPACE = re.compile(r"(?<=[^\s<>=!~^,|])\s+(?=[<>=!~^])")

_PRERELEASES = {"a": 0, "alpha": 0, "b": 1, "beta": 1}
_RELEASE_CANDIDATE = 2
_NO_PRERELEASE = (9, 0)
_BEFORE_PRERELEASES = (-1, 0)
_NO_DEV = math.inf
_EVERY_LOCAL = ((2, 0),)
_MAX_DIGITS = 100


class Key(NamedTuple):
    """The position of a version in the order of PEP 440."""

    epoch: int
    release: tuple[int, ...]
    """The numbers without trailing zeros. For example, 1.0 and 1 are the same version."""
    pre: tuple[int, int]
    post: float
    """The number of the post-release, or -1 if this is not a post-release."""
    dev: float
    """The number of the development release, or infinity for all other versions."""
    local: tuple[tuple[int, int | str], ...]


class _Version(NamedTuple):
    key: Key
    release: tuple[int, ...]
    """The numbers of the release as written."""
    is_prerelease: bool
    is_plain: bool
    """Whether the version consists only of an epoch and a release."""


def key(version: str) -> Key:
    """Return the sort key of a version."""
    return _parsed(version).key


@lru_cache(maxsize=4096)
def versions(constraint: str) -> VersionSet:
    """Return the versions in a range that is written in PEP 440 or Poetry syntax."""
    text = constraint.strip()
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1]
    return union(_all_clauses(part, constraint) for part in re.split(r"\|\|?", text))


def _all_clauses(text: str, constraint: str) -> VersionSet:
    clauses = [
        clause
        for part in text.split(",")
        for clause in _OPERATOR_AFTER_SPACE.split(part.strip())
        if clause.strip()
    ]
    try:
        return intersection(_clause(clause) for clause in clauses)
    except ValueError:
        raise ValueError(
            f"`{constraint}` is not a valid version range of a Python package"
        ) from None


def _clause(text: str) -> VersionSet:
    found = _CLAUSE.fullmatch(text)
    operator, version = (found[1] or "", found[2]) if found else ("", text)
    if version in ("*", "x", "") and operator in ("", "==", "="):
        return ALL
    prefix = _PREFIX_PATTERN.fullmatch(version)
    if prefix is not None:
        return _wildcard(operator, int(prefix[1] or 0), _release(prefix[2]))
    return _comparison(operator, _parsed(version))


def _wildcard(operator: str, epoch: int, release: tuple[int, ...]) -> VersionSet:
    matching = _prefixed(epoch, release)
    if operator == "!=":
        return matching.complement()
    if operator in ("", "=", "==", "^", "~"):
        return matching
    # Old versions of pip accepted `>=1.0.*` and ignored the wildcard.
    return _comparison(operator, _parsed(f"{epoch}!{'.'.join(map(str, release))}"))


def _comparison(operator: str, version: _Version) -> VersionSet:
    place = version.key
    with_locals = place if place.local else place._replace(local=_EVERY_LOCAL)
    match operator:
        case "" | "=" | "==":
            return VersionSet.intersection(at_least(place), at_most(with_locals))
        case "!=":
            return VersionSet.union(below(place), above(with_locals))
        case "===":
            return exactly(place)
        case ">=":
            return at_least(place)
        case "<=":
            return at_most(with_locals)
        case "<":
            return below(place if version.is_prerelease else _first_dev(place))
        case ">":
            return above(_after_posts(place))
        case "^":
            return between(place, _dev(place.epoch, _caret_end(version.release)))
        case "~":
            end = _increased(version.release[:2])
            return between(place, _dev(place.epoch, end))
        case _:  # The operator is `~=`.
            return _compatible(version)


def _compatible(version: _Version) -> VersionSet:
    if len(version.release) < 2:
        raise ValueError("`~=` needs a version with at least two numbers")
    end = _dev(version.key.epoch, _increased(version.release[:-1]))
    return between(version.key, end)


def _caret_end(release: tuple[int, ...]) -> tuple[int, ...]:
    """Increase the first nonzero number, or the last number if all are zero."""
    for index, number in enumerate(release):
        if number:
            return _increased(release[: index + 1])
    return _increased(release)


def _increased(release: tuple[int, ...]) -> tuple[int, ...]:
    return (*release[:-1], release[-1] + 1)


def _prefixed(epoch: int, release: tuple[int, ...]) -> VersionSet:
    return between(_dev(epoch, release), _dev(epoch, _increased(release)))


def _dev(epoch: int, release: tuple[int, ...]) -> Key:
    """Return the sort key of the first version that begins with the given release."""
    return Key(epoch, _trimmed(release), _BEFORE_PRERELEASES, -1, 0, ())


def _first_dev(place: Key) -> Key:
    """Return the sort key of the first prerelease of a final version."""
    pre = _BEFORE_PRERELEASES if place.post < 0 else place.pre
    return place._replace(pre=pre, dev=0, local=())


def _after_posts(place: Key) -> Key:
    """Return the position after the local versions and post-releases that `>` excludes."""
    if place.dev != _NO_DEV or place.post >= 0:
        return place._replace(local=_EVERY_LOCAL)
    return place._replace(post=math.inf, local=_EVERY_LOCAL)


@lru_cache(maxsize=4096)
def _parsed(version: str) -> _Version:
    found = _VERSION_PATTERN.fullmatch(version)
    if found is None or _has_huge_number(version):
        raise ValueError(f"`{version}` is not a valid version of a Python package")
    release = _release(found["release"])
    dev = int(found["dev_number"] or 0) if found["dev"] else _NO_DEV
    post = int(found["post_implied"] or found["post_number"] or 0) if found["post"] else -1
    if found["pre"]:
        letter = found["pre"].lower()
        pre = (_PRERELEASES.get(letter, _RELEASE_CANDIDATE), int(found["pre_number"] or 0))
    else:
        pre = _BEFORE_PRERELEASES if found["dev"] and not found["post"] else _NO_PRERELEASE
    local = tuple(
        (1, int(part)) if part.isdigit() else (0, part.lower())
        for part in re.split(r"[-_.]", found["local"] or "")
        if part
    )
    place = Key(int(found["epoch"] or 0), _trimmed(release), pre, post, dev, local)
    is_prerelease = bool(found["pre"] or found["dev"])
    return _Version(place, release, is_prerelease, not is_prerelease and post < 0)


def _release(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def _trimmed(release: tuple[int, ...]) -> tuple[int, ...]:
    end = len(release)
    while end > 1 and release[end - 1] == 0:
        end -= 1
    return release[:end]


def _has_huge_number(version: str) -> bool:
    return len(version) > _MAX_DIGITS and max(map(len, re.findall(r"\d+", version))) > _MAX_DIGITS
