"""The `regex` scanner finds lines that match a regular expression, as `git grep -P` does."""

from __future__ import annotations

import re as pattern_syntax
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Literal

import re2
from pydantic import Field, ValidationInfo, field_validator

from headway import ContentScanner, Match, Options

Flag = Literal["ignore-case", "span-lines", "dot-all"]

_REFUSED = (
    (r"\(\?=", "look-ahead", "include the following text in the pattern"),
    (r"\(\?!", "negative look-ahead", "match the text that may follow, as in `(?:[^x]|$)`"),
    (r"\(\?<=", "look-behind", "include the preceding text in the pattern"),
    (r"\(\?<!", "negative look-behind", "match the text that may come before, as in `(?:^|[^x])`"),
    (r"\\[1-9]|\(\?P\Z|\\[gk][<{]", "back-references", "write out the repeated part"),
    (r"[*+?}]\+", "possessive quantifiers", "remove the last `+`: RE2 never backtracks"),
    (r"\(\?>", "atomic groups", "write `(?:` instead of `(?>`: RE2 never backtracks"),
    (
        r"\{\d+(?:,\d*)?\}",
        "repeat counts above 1,000, including the product of nested counts",
        "use `*` or `+`",
    ),
    (r"\\[ZG]", r"anchors \G and \Z", "write ^ or $, which match the start and end of a line"),
    (r"\(\?[a-zA-Z]*x|\(\?#", "comments in patterns", "write the pattern without them"),
    (r"\\u", r"escapes with \u", r"write `\x{...}`"),
    (r"\\h", r"escape \h for blanks", r"write `[ \t]`"),
    (r"\\R", r"escape \R for line endings", r"write `\r?\n`, which needs the flag span-lines"),
    (r"\\K|\(\?[|(R&]", "support for this Perl syntax", "write the pattern without it"),
)
"""Syntax that RE2 does not support. Each entry has a pattern that recognises the syntax in an RE2
error message, the name of the syntax, and advice on what to write instead.
"""

_LINE_ANCHOR = pattern_syntax.compile(r"(?<!\\)(?:\\\\)*\\([AzC])")
_ONE_LINE = pattern_syntax.compile(r"\(\?[a-zA-Z]*-[a-zA-Z]*m")
_STAND_IN = pattern_syntax.compile("[\U0010dc80-\U0010dcff]")
"""The private-use characters that stand for invalid bytes. Files should not contain them. Python
decodes the invalid bytes as U+DC80 to U+DCFF.
"""
_STAND_INS = ((b"\xed\xb2", b"\xf4\x8d\xb2"), (b"\xed\xb3", b"\xf4\x8d\xb3"))
"""Pairs (prefix of an encoded invalid byte, prefix of its encoded stand-in). The encodings of
U+DC80 to U+DCFF never occur in valid UTF-8. They differ from those of the stand-ins only in this
prefix.
"""
_MEMORY_BYTES = 64 << 20
"""The maximum memory of RE2 for one rule or one set of rules, in bytes. When its cache is full, RE2
empties the cache and continues.
"""


class RegexOptions(Options):
    """The options of a `regex` rule."""

    flags: tuple[Flag, ...] = Field(
        default=(),
        description="ignore-case: treat upper and lower case alike. "
        "span-lines: let a match continue on the next line. "
        "dot-all (only with span-lines): let a dot match a line ending.",
    )
    pattern: str = Field(
        min_length=1,
        description="A regular expression in RE2 syntax. ^ and $ match the start and end of a "
        "line. Without the flag span-lines, a match never continues on the next line.",
    )

    @field_validator("flags")
    @classmethod
    def _go_together(cls, flags: tuple[Flag, ...]) -> tuple[Flag, ...]:
        if "dot-all" in flags and "span-lines" not in flags:
            raise ValueError(
                "dot-all has no effect without span-lines; add span-lines or remove dot-all"
            )
        return flags

    @field_validator("pattern")
    @classmethod
    def _is_accepted(cls, pattern: str, info: ValidationInfo) -> str:
        flags = info.data.get("flags", ())
        anchor = _LINE_ANCHOR.search(pattern)
        if anchor and (anchor[1] == "C" or "span-lines" not in flags):
            if anchor[1] == "C":
                raise ValueError(r"\C is not supported; write a dot")
            raise ValueError(
                f"\\{anchor[1]} is only supported with the flag span-lines; write ^ or $"
            )
        if "span-lines" not in flags and "\n" in pattern:
            raise ValueError(
                "the pattern contains a line ending, but a match never continues on the next line; "
                "write the pattern on one line, in quotes, or add the flag span-lines"
            )
        if "span-lines" not in flags and _ONE_LINE.search(pattern):
            raise ValueError("-m is only supported with the flag span-lines; remove it")
        try:
            # First compile the pattern alone, because the group that `_source` adds could hide a
            # stray bracket.
            re2.compile(pattern, _quiet())
            _compiled(cls.model_construct(flags=flags, pattern=pattern))
        except re2.error as error:
            raise ValueError(_explain(error)) from error
        return pattern


def _explain(error: Exception) -> str:
    message = error.args[0] if error.args else error
    text = message.decode("utf-8", "replace") if isinstance(message, bytes) else str(message)
    what, _, where = text.partition(": ")
    for syntax, name, instead in _REFUSED:
        if pattern_syntax.search(syntax, where):
            return f"RE2 has no {name} (`{where}`); {instead}"
    return f"RE2 rejects the pattern: {what}{f' in `{where}`' if where else ''}; correct it"


def _quiet() -> Any:
    settings = re2.Options()
    settings.log_errors = False
    settings.max_mem = _MEMORY_BYTES
    return settings


def _settings(options: RegexOptions) -> Any:
    settings = _quiet()
    settings.never_nl = "span-lines" not in options.flags
    return settings


def _source(options: RegexOptions) -> bytes:
    letters = "m" + "i" * ("ignore-case" in options.flags) + "s" * ("dot-all" in options.flags)
    return f"(?{letters})(?:{options.pattern})".encode()


@lru_cache(maxsize=4096)
def _compiled(options: RegexOptions) -> Any:
    return re2.compile(_source(options), _settings(options))


class Regex(ContentScanner[RegexOptions]):
    """Finds the first match in each line. Lines end only at newline characters."""

    name = "regex"
    version = "1"
    Options = RegexOptions
    path_matters = False

    def find(self, options: RegexOptions, path: str, content: bytes) -> Iterable[Match]:  # noqa: ARG002 - the interface requires it
        """Find the matching lines in one file."""
        return _Locator(options).find(_valid(content))

    def each_line_alone(self, options: RegexOptions) -> bool:
        """Return whether each match is within one line. This is false with `span-lines`."""
        return "span-lines" not in options.flags

    def compile(self, rules: Sequence[RegexOptions]) -> _Search:
        """Return a function that finds the matches of all rules in a file together."""
        return _Search(rules)


class _Search:
    """A search for several rules. It finds the matching rules in one pass, then their matches."""

    def __init__(self, rules: Sequence[RegexOptions]) -> None:
        self._rules = rules
        self._sets: dict[bool, list[tuple[Any, Sequence[int]]]] = {}
        self._locators: dict[int, _Locator] = {}
        by_line = [index for index, rule in enumerate(rules) if "span-lines" not in rule.flags]
        spanning = [index for index, rule in enumerate(rules) if "span-lines" in rule.flags]
        self._members = tuple(pair for pair in ((True, by_line), (False, spanning)) if pair[1])

    def __call__(self, path: str, content: bytes) -> Iterable[tuple[int, Match]]:  # noqa: ARG002 - the interface requires it
        content = _valid(content)
        matching: list[int] = []
        for by_line, members in self._members:
            for pattern_set, indices in self._sets_of(by_line, members):
                found = pattern_set.Match(content)
                if found:
                    matching += [indices[position] for position in found]
        if not matching:
            return ()
        return [
            (index, match)
            for index in sorted(matching)
            for match in self._locator(index).find(content)
        ]

    def _sets_of(self, by_line: bool, members: Sequence[int]) -> list[tuple[Any, Sequence[int]]]:
        sets = self._sets.get(by_line)
        if sets is None:
            sets = self._sets[by_line] = list(self._compile(members))
        return sets

    def _compile(self, members: Sequence[int]) -> Iterator[tuple[Any, Sequence[int]]]:
        """Yield sets of compiled rules, with the indices of the rules in each set.

        The rules are divided into several sets if a single set would need too much memory.
        """
        rules = [self._rules[index] for index in members]
        pattern_set = re2.Set.SearchSet(_settings(rules[0]))
        try:
            for rule in rules:
                pattern_set.Add(_source(rule))
            pattern_set.Compile()
        except re2.error:
            if len(members) == 1:
                raise
            middle = len(members) // 2
            yield from self._compile(members[:middle])
            yield from self._compile(members[middle:])
            return
        yield pattern_set, members

    def _locator(self, index: int) -> _Locator:
        locator = self._locators.get(index)
        if locator is None:
            locator = self._locators[index] = _Locator(self._rules[index])
        return locator


def _valid(content: bytes) -> bytes:
    """Return the content as valid UTF-8, with a stand-in character for each invalid byte.

    Patterns can then match characters in files of any encoding. A dot or a negated class matches a
    stand-in, but a letter or a class of letters does not.
    """
    try:
        if not content.isascii():
            content.decode()
    except UnicodeDecodeError:
        content = content.decode("utf-8", "surrogateescape").encode("utf-8", "surrogatepass")
        for invalid, stand_in in _STAND_INS:
            content = content.replace(invalid, stand_in)
    return content


class _Locator:
    """Searches a file for the matches of one rule."""

    def __init__(self, options: RegexOptions) -> None:
        compiled = _compiled(options)
        self._search, self._has_names = compiled.search, bool(compiled.groupindex)
        self._spanning = "span-lines" in options.flags

    def find(self, content: bytes) -> Iterator[Match]:
        """Yield the first match in each line that has a match."""
        position, line, counted = 0, 1, 0
        end = len(content)
        while position < end:
            found = self._search(content, position)
            if found is None:
                return
            first, last = found.span()
            # The empty string after a final newline is not a line.
            if first == end and content.endswith(b"\n"):
                return
            start = content.rfind(b"\n", 0, first) + 1
            stop = content.find(b"\n", max(first, last - 1) if self._spanning else first)
            stop = end if stop < 0 else stop
            line += content.count(b"\n", counted, start)
            counted = start
            yield Match(
                text=_text(content[start:stop]),
                line=line,
                column=_column(content[start:first]),
                captures=_captures(found) if self._has_names else {},
            )
            following = content.find(b"\n", first)
            position = end if following < 0 else following + 1


def _text(line: bytes) -> str:
    if line.isascii():
        return line.decode()
    return _STAND_IN.sub(
        lambda char: f"\\x{ord(char[0]) & 0xFF:02x}", line.decode("utf-8", "replace")
    )


def _column(before: bytes) -> int:
    return 1 + (len(before) if before.isascii() else len(before.decode("utf-8", "replace")))


def _captures(found: Any) -> dict[str, str]:
    # When RE2 searches bytes, it also returns group names as bytes.
    return {
        _text(name): _text(value) for name, value in found.groupdict().items() if value is not None
    }
