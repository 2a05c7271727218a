"""Split Gradle scripts, in Groovy or Kotlin, into tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

NAME, TEXT, MARK, END = "name", "text", "mark", "end"
"""The kinds of tokens: `a.b.c`, a string, a punctuation character, the end of a line."""

_TOKEN = re.compile(
    r"""
      (?P<comment> //[^\n]* | /\*.*?(?:\*/|\Z) )
    | (?P<long> '{3}.*?(?:'{3}|\Z) | \"{3}.*?(?:\"{3}|\Z) )
    | (?P<text> '(?:[^'\\\n]|\\.)*' | "(?:[^"\\\n]|\\.)*" )
    | (?P<name> [A-Za-z_][\w-]*(?:\??\.[A-Za-z_]\w*)* )
    | (?P<end> [\n;]+ )
    | (?P<mark> [{}()\[\]=:,+?] )
    """,
    re.VERBOSE | re.DOTALL,
)


class Token(NamedTuple):
    """One token of a script."""

    kind: str
    value: str
    """The text of the token; for a string, without its quotes."""
    offset: int
    """The offset of the first character in the script; for a string, of its opening quote."""


def tokens_of(script: str) -> Iterator[Token]:
    """Yield the tokens of a script, without comments, numbers and other operators."""
    for found in _TOKEN.finditer(script):
        kind = found.lastgroup
        value = found[0]
        if kind == "text":
            yield Token(TEXT, value[1:-1], found.start())
        elif kind == "long":
            yield Token(TEXT, value.strip(value[0]), found.start())
        elif kind == "name":
            yield Token(NAME, value.replace("?.", "."), found.start())
        elif kind == "end":
            yield Token(END, "\n", found.start())
        elif kind == "mark":
            yield Token(MARK, value, found.start())
