"""Split Gradle scripts in Groovy or Kotlin into tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

NAME, TEXT, MARK, END = "name", "text", "mark", "end"
"""The kinds of tokens: a name such as `a.b.c`, a string, a punctuation mark, the end of a line."""

_QUOTES = "'\""


def _pattern(quotes: str) -> re.Pattern[str]:
    """Return a pattern for the next token. Only the given quotes begin a short string."""
    closed = "|".join(rf"{quote}(?:[^{quote}\\\n]|\\.)*+{quote}" for quote in quotes)
    unclosed = "|".join(rf"{quote}(?:[^{quote}\\\n]|\\.)*+" for quote in quotes)
    strings = f"| (?P<text> {closed} ) | (?P<unclosed> {unclosed} )" if quotes else ""
    return re.compile(
        rf"""
          (?P<comment> //[^\n]* | /\*.*?(?:\*/|\Z) )
        | (?P<long> '{{3}}.*?(?:'{{3}}|\Z) | \"{{3}}.*?(?:\"{{3}}|\Z) )
        {strings}
        | (?P<name> [A-Za-z_][\w-]*(?:\??\.[A-Za-z_]\w*)* )
        | (?P<end> [\n;]+ )
        | (?P<mark> [{{}}()\[\]=:,+?] )
        """,
        re.VERBOSE | re.DOTALL,
    )


_PATTERNS = {quotes: _pattern(quotes) for quotes in (_QUOTES, "'", '"', "")}


class Token(NamedTuple):
    """One token of a script."""

    kind: str
    value: str
    """The token as written, or a string without its quotes."""
    offset: int
    """The offset of the first character in the script. A string begins at its opening quote."""


def tokens_of(script: str) -> Iterator[Token]:
    """Yield the tokens of a script. Comments, numbers and most operators are omitted."""
    for kind, value, offset in _found(script):
        if kind == "text":
            yield Token(TEXT, value[1:-1], offset)
        elif kind == "long":
            yield Token(TEXT, value.strip(value[0]), offset)
        elif kind == "name":
            yield Token(NAME, value.replace("?.", "."), offset)
        elif kind == "end":
            yield Token(END, "\n", offset)
        elif kind == "mark":
            yield Token(MARK, value, offset)


def _found(script: str) -> Iterator[tuple[str | None, str, int]]:
    """Yield the kind, text and offset of each match.

    An unclosed quote is skipped. All later quotes of the same kind on its line are unclosed too, so
    trying each of them would waste time.
    """
    at = 0
    unclosed_until = dict.fromkeys(_QUOTES, 0)
    while at < len(script):
        quotes = "".join(quote for quote, end in unclosed_until.items() if end <= at)
        limit = min((end for end in unclosed_until.values() if end > at), default=len(script))
        found = _PATTERNS[quotes].search(script, at)
        if found is None or found.start() >= limit:
            at = limit
        elif found.lastgroup == "unclosed":
            unclosed_until[found[0][0]] = found.end()
            at = found.start() + 1
        else:
            yield found.lastgroup, found[0], found.start()
            at = found.end()
