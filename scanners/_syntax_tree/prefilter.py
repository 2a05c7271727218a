"""The words that a file must contain to match a rule. Other files need not be parsed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import re2

_VARIABLE = re.compile(r"\$+[A-Z_][A-Z0-9_]*|\$\$\$")
_WORD = re.compile(r"[A-Za-z0-9_]+")


class Word(NamedTuple):
    """A word that a file must contain."""

    text: str
    whole: bool = False
    """Whether it must be a whole word. Otherwise, it can be part of a longer word."""

    @property
    def pattern(self) -> str:
        """A regular expression that finds the word."""
        return rf"\b{self.text}\b" if self.whole else self.text

    def is_in(self, text: str) -> bool:
        """Return whether a string contains the word."""
        return self.text in text and re.search(self.pattern, text, re.ASCII) is not None


@dataclass(frozen=True, slots=True)
class Needs:
    """A condition on the words in a file: all of `words`, and one alternative of each group."""

    words: frozenset[Word] = frozenset()
    groups: tuple[tuple[Needs, ...], ...] = ()

    def is_met(self, has: Callable[[Word], bool]) -> bool:
        """Return whether the condition is met.

        Args:
            has: Returns whether the file contains a word.
        """
        return all(has(word) for word in self.words) and all(
            any(choice.is_met(has) for choice in group) for group in self.groups
        )

    def all_words(self) -> Iterator[Word]:
        """Yield every word in the condition."""
        yield from self.words
        for group in self.groups:
            for choice in group:
                yield from choice.all_words()

    def __and__(self, other: Needs) -> Needs:
        return Needs(self.words | other.words, self.groups + other.groups)


ANYTHING = Needs()


def needs_of_text(text: str, *, whole: bool = False) -> Needs:
    """Return the words of a code fragment.

    Args:
        text: The code fragment.
        whole: Whether the file must contain the words as whole words, like variable names.
            Keywords can directly follow a number, as in `1if a else b`.
    """
    return Needs(frozenset(Word(word, whole) for word in _WORD.findall(text)))


def needs_of_pattern(pattern: str, *, has_comment: bool = False) -> Needs:
    """Return the words that all matches of an ast-grep pattern contain.

    Args:
        pattern: The pattern.
        has_comment: Whether the pattern contains a comment. A match need not contain the comment.
    """
    return ANYTHING if has_comment else needs_of_text(_VARIABLE.sub(" ", pattern))


def needs_of_rule(
    rule: Mapping[str, Any], has_comment: Callable[[str], bool] = lambda _: False
) -> Needs:
    """Return a condition that every file with a match of an ast-grep rule meets.

    Args:
        rule: The rule object.
        has_comment: Returns whether a pattern contains a comment.
    """
    needs = ANYTHING
    for key, value in rule.items():
        if key == "pattern" and isinstance(value, str):
            needs &= needs_of_pattern(value, has_comment=has_comment(value))
        elif key in ("has", "inside", "precedes", "follows") and isinstance(value, Mapping):
            needs &= needs_of_rule(value, has_comment)
        elif key == "all" and isinstance(value, Sequence):
            for part in value:
                needs &= needs_of_rule(part, has_comment)
        elif key == "any" and isinstance(value, Sequence):
            needs &= Needs(groups=(tuple(needs_of_rule(part, has_comment) for part in value),))
    return needs


class Prefilter:
    """Finds the rules that a file can match, in one pass over its content."""

    def __init__(self, needs: Sequence[Needs]) -> None:
        self._needs = needs
        self._words = sorted({word for need in needs for word in need.all_words()})
        self._set: Any = None

    def candidates(self, content: bytes) -> list[int]:
        """Return the positions of the rules whose conditions a file meets."""
        found = self._words_in(content)
        return [
            position
            for position, needs in enumerate(self._needs)
            if needs.is_met(found.__contains__)
        ]

    def _words_in(self, content: bytes) -> set[Word]:
        if not self._words:
            return set()
        if self._set is None:
            self._set = _set_of(self._words)
        return {self._words[position] for position in self._set.Match(content) or ()}


def _set_of(words: Iterable[Word]) -> Any:
    settings = re2.Options()
    settings.log_errors = False
    settings.encoding = re2.Options.Encoding.LATIN1
    settings.max_mem = 64 << 20
    pattern_set = re2.Set.SearchSet(settings)
    for word in words:
        pattern_set.Add(word.pattern)
    pattern_set.Compile()
    return pattern_set
