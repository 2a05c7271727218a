"""The order of Maven's versions, and the version ranges of Maven and Gradle."""

from __future__ import annotations

import re
from functools import lru_cache, total_ordering
from typing import TypeAlias

from ..version_sets import ALL, VersionSet, at_least, at_most, below, between, exactly, union
from ..version_sets import above as after

_LONGEST = 200
"""The maximum length of a version. It also limits the nesting depth of items."""
_QUALIFIERS = ("alpha", "beta", "milestone", "rc", "snapshot", "", "sp")
_RELEASE = str(_QUALIFIERS.index(""))
_ALIASES = {"ga": "", "final": "", "release": "", "cr": "rc"}
_SHORT = {"a": "alpha", "b": "beta", "m": "milestone"}
"""The qualifiers that single letters stand for if they directly precede a digit."""

_Item: TypeAlias = "int | str | list[_Item]"
"""A number, the rank of a qualifier, or a list of nested items."""


@total_ordering
class MavenVersion:  # noqa: PLW1641 - never a key, as equal versions have many spellings
    """A version in the order of Maven's class `ComparableVersion` (Maven 3.8)."""

    __slots__ = ("_items",)

    def __init__(self, text: str) -> None:
        if len(text) > _LONGEST:
            raise ValueError(f"a Maven version must have at most {_LONGEST} characters")
        self._items = _items(text.lower())

    def __lt__(self, other: MavenVersion) -> bool:
        return _compare(self._items, other._items) < 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MavenVersion) and _compare(self._items, other._items) == 0


@lru_cache(maxsize=4096)
def key(version: str) -> MavenVersion:
    """Return the sort key of a version in Maven's order."""
    return MavenVersion(version)


_DIGITS = frozenset("0123456789")
_SEPARATORS = frozenset(".-")
_PIECE = re.compile(r"[0-9]+|[^0-9.-]+|[.-]")


def _items(text: str) -> list[_Item]:
    """Split a version into numbers, qualifiers and nested lists.

    A nested list begins after a hyphen, between letters and digits, and before a qualifier that no
    separator follows. Therefore `1.0.RC1` comes before `1.0-RC2`.
    """
    items: list[_Item] = []
    lists = [items]
    previous = "."
    pieces = _PIECE.findall(text)
    for index, piece in enumerate(pieces):
        if piece in _SEPARATORS:
            if previous in _SEPARATORS:
                lists[-1].append(0)
            if piece == "-":
                _nest(lists)
        else:
            if previous not in _SEPARATORS:
                _nest(lists)
            following = pieces[index + 1][0] if index + 1 < len(pieces) else ""
            if piece[0] not in _DIGITS and following not in _SEPARATORS and lists[-1]:
                _nest(lists)
            lists[-1].append(_item(piece, before_digit=following in _DIGITS))
        previous = piece
    for nested in reversed(lists):
        _normalise(nested)
    return items


def _nest(lists: list[list[_Item]]) -> None:
    nested: list[_Item] = []
    lists[-1].append(nested)
    lists.append(nested)


def _item(piece: str, *, before_digit: bool) -> _Item:
    if piece[0] in _DIGITS:
        return int(piece)
    qualifier = _SHORT.get(piece, piece) if before_digit else piece
    qualifier = _ALIASES.get(qualifier, qualifier)
    if qualifier in _QUALIFIERS:
        return str(_QUALIFIERS.index(qualifier))
    return f"{len(_QUALIFIERS)}-{qualifier}"


def _normalise(items: list[_Item]) -> None:
    """Remove zeros, release qualifiers and empty lists at the end and before final lists."""
    for index in range(len(items) - 1, -1, -1):
        item = items[index]
        if item in (0, _RELEASE, []):
            del items[index]
        elif not isinstance(item, list):
            break


def _compare(left: _Item | None, right: _Item | None) -> int:
    """Return a negative number, 0 or a positive number. None stands for a missing item."""
    if left is None:
        return 0 if right is None else -_compare(right, None)
    if right is None:
        return _compare_with_nothing(left)
    if isinstance(left, list) and isinstance(right, list):
        for index in range(max(len(left), len(right))):
            order = _compare(
                left[index] if index < len(left) else None,
                right[index] if index < len(right) else None,
            )
            if order:
                return order
        return 0
    if isinstance(left, int) and isinstance(right, int):
        return (left > right) - (left < right)
    if isinstance(left, str) and isinstance(right, str):
        return (left > right) - (left < right)
    return _kind(left) - _kind(right)


def _kind(item: _Item) -> int:
    """Return the rank of an item's kind: qualifiers, then lists, then numbers."""
    if isinstance(item, str):
        return 0
    return 1 if isinstance(item, list) else 2


def _compare_with_nothing(item: _Item) -> int:
    if isinstance(item, int):
        return int(item != 0)
    if isinstance(item, str):
        return (item > _RELEASE) - (item < _RELEASE)
    return next((order for order in map(_compare_with_nothing, item) if order), 0)


_INTERVAL = re.compile(
    r"\s*([\[\](])\s*([^\[\](),]*?)\s*(,?)\s*([^\[\](),]*?)\s*([\])\[])\s*(?:,|$)"
)
_ANY = frozenset({"+", "latest", "release", "latest.release", "latest.integration"})


@lru_cache(maxsize=4096)
def versions(constraint: str) -> VersionSet:
    """Return the versions in a range such as `[1.0,2.0)`, `1.+` or `1.5` (exactly 1.5).

    Raises:
        ValueError: The constraint is not a range.
    """
    text = constraint.strip()
    if not text or text.lower() in _ANY or text.lower().startswith("latest."):
        return ALL
    if text[0] in "[(]":
        return _intervals(text)
    text = text.split("!!")[0]
    if text.endswith("+"):
        return _prefix(text[:-1].rstrip("."))
    if re.search(r"[\s,<>=^~*|\[\]()${}]", text):
        raise ValueError(
            f"`{constraint:.80}` is not a Maven version range; write, for example, `(,2.0)` or "
            "`[1.0,2.0)`"
        )
    return exactly(key(text))


def _intervals(text: str) -> VersionSet:
    """Read intervals such as `(,1.0],[1.2,)`, or `]1.0,2.0[` as Gradle also allows."""
    sets = []
    position = 0
    while position < len(text):
        interval = _INTERVAL.match(text, position)
        if interval is None:
            raise ValueError(f"`{text:.80}` is not a Maven version range")
        position = interval.end()
        opening, first, comma, last, closing = interval.groups()
        if not comma:
            if (opening, closing) != ("[", "]") or not first + last:
                raise ValueError(f"`{text:.80}` is not a Maven version range")
            sets.append(exactly(key(first + last)))
            continue
        lower = ALL
        if first:
            lower = at_least(key(first)) if opening == "[" else after(key(first))
        upper = ALL
        if last:
            upper = at_most(key(last)) if closing == "]" else below(key(last))
        sets.append(lower.intersection(upper))
    return union(sets)


def _prefix(text: str) -> VersionSet:
    """Return the versions that begin with `text`, as in Gradle's `1.+`."""
    numbers = re.fullmatch(r"((?:[0-9]+\.)*)([0-9]+)", text)
    if numbers is None:
        raise ValueError(f"`{text:.80}+` is not a Gradle version range")
    return between(key(text), key(f"{numbers[1]}{int(numbers[2]) + 1}-alpha"))
