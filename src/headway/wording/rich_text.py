"""Format-independent sentences made of plain, strong, code and link text.

This module does not escape text. Each output format renders phrases separately and escapes all
text, regardless of whether it comes from Headway or from a repository.
"""

from __future__ import annotations

import string
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

LONGEST = 200
"""The maximum length of a name, path or reason. `clipped` removes the middle of longer ones."""


class Part(NamedTuple):
    """A piece of text in one style."""

    kind: str
    """`text`, `strong`, `code` or `link`."""
    text: str
    url: str | None = None
    """The target of a link. A link without a target is rendered as plain text."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sentence or a part of one."""

    parts: tuple[Part, ...] = ()

    def __add__(self, other: Phrase) -> Phrase:
        return Phrase(self.parts + other.parts)

    def __bool__(self) -> bool:
        return bool(self.parts)

    @property
    def plain(self) -> str:
        """The text of the phrase without styles."""
        return "".join(part.text for part in self.parts)


def strong(text: str) -> Phrase:
    """Return a phrase in bold."""
    return Phrase((Part("strong", clipped(text)),))


def code(text: str) -> Phrase:
    """Return a phrase in code style, for a path, a commit or a line of code."""
    return Phrase((Part("code", clipped(text)),))


def link(text: str, url: str | None) -> Phrase:
    """Return a phrase that links to `url`, or plain text if `url` is None."""
    return Phrase((Part("link", clipped(text), url),))


def say(pattern: str, **values: Phrase | str | int) -> Phrase:
    """Fill in placeholders: `say("{count} in {place}", count=3, place=code("a.py"))`.

    Integers get thousands separators.
    """
    parts: list[Part] = []
    for words, name, _, _ in string.Formatter().parse(pattern):
        if words:
            parts.append(Part("text", words))
        if name is not None:
            parts += as_phrase(values[name]).parts
    return Phrase(tuple(parts))


def as_phrase(value: Phrase | str | int) -> Phrase:
    """Convert a value to a phrase. Integers get thousands separators."""
    if isinstance(value, Phrase):
        return value
    if isinstance(value, int):
        return Phrase((Part("text", f"{value:,}"),))
    return Phrase((Part("text", clipped(value)),)) if value else Phrase()


def joined(values: Iterable[Phrase | str], last: str = " and ", between: str = ", ") -> Phrase:
    """Join phrases into a list: `a, b and c`."""
    phrases = [as_phrase(value) for value in values]
    whole = Phrase()
    for index, phrase in enumerate(phrases):
        if index:
            whole += as_phrase(last if index == len(phrases) - 1 else between)
        whole += phrase
    return whole


def clipped(text: str) -> str:
    """Shorten text to `LONGEST` characters by replacing the middle with an ellipsis."""
    if len(text) <= LONGEST:
        return text
    half = (LONGEST - 1) // 2
    return f"{text[:half]}…{text[-half:]}"
