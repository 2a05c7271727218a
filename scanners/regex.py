"""`regex`: lines that a regular expression finds, as `git grep -P` would list them."""

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
    (r"\(\?=", "look-ahead", "match what follows as a part of the pattern"),
    (r"\(\?!", "negative look-ahead", "match what may follow, as in `(?:[^x]|$)`"),
    (r"\(\?<=", "look-behind", "match what stands before as a part of the pattern"),
    (r"\(\?<!", "negative look-behind", "match what may stand before, as in `(?:^|[^x])`"),
    (r"\\[1-9]|\(\?P\Z|\\[gk][<{]", "back-references", "write the repeated part out"),
    (r"[*+?}]\+", "possessive quantifiers", "leave the last `+` out: RE2 never backtracks"),
    (r"\(\?>", "atomic groups", "write `(?:` for `(?>`: RE2 never backtracks"),
    (r"\{\d+(?:,\d*)?\}", "repetitions above 1,000, nested ones multiplied", "use `*` or `+`"),
    (r"\\[ZG]", "anchors of the whole text", "write ^ or $, which mean the ends of a line"),
    (r"\(\?[a-zA-Z]*x|\(\?#", "comments in patterns", "write the pattern without them"),
    (r"\\u", r"escapes with \u", r"write `\x{...}`"),
    (r"\\[hR]", "classes for blanks and line ends", r"write `[ \t]` for blanks"),
    (r"\\K|\(\?[|(R&]", "such parts of Perl's syntax", "write the pattern without it"),
)
"""What RE2 lacks: how its message shows it, its name, and what to write instead."""

_LINE_ANCHOR = pattern_syntax.compile(r"(?<!\\)(?:\\\\)*\\([AzC])")
# what stands for itself, an escape, a class's beginning with what may follow it unescaped
_TOKEN = pattern_syntax.compile(
    r"\\x\{(?P<code>[0-9A-Fa-f]{1,6})\}|\\.|\[:\^?[a-z]+:\]|\[\^?\]?|.", pattern_syntax.DOTALL
)
_ONE_LINE = pattern_syntax.compile(r"\(\?[a-zA-Z]*-[a-zA-Z]*m")
_MEMORY = 64 << 20
"""Bytes that RE2 may use for one rule, or for as many together as find room in it: what it builds
while it searches is thrown away where it would become more.
"""


class RegexOptions(Options):
    """Options of a `regex` rule."""

    flags: tuple[Flag, ...] = Field(
        default=(),
        description="ignore-case: letters match in either case. span-lines: a match may cross "
        "line ends. dot-all: with span-lines, a dot matches a line end too.",
    )
    pattern: str = Field(
        min_length=1,
        description="A regular expression in RE2 syntax. Each line is searched on its own: "
        "^ and $ are its ends, and a match never crosses into the next line.",
    )

    @field_validator("flags")
    @classmethod
    def _go_together(cls, flags: tuple[Flag, ...]) -> tuple[Flag, ...]:
        if "dot-all" in flags and "span-lines" not in flags:
            raise ValueError("dot-all has no meaning line by line; add span-lines or remove it")
        return flags

    @field_validator("pattern")
    @classmethod
    def _is_accepted(cls, pattern: str, info: ValidationInfo) -> str:
        flags = info.data.get("flags", ())
        anchor = _LINE_ANCHOR.search(pattern)
        if anchor and (anchor[1] == "C" or "span-lines" not in flags):
            hint = "write ^ or $" if anchor[1] != "C" else "write a dot"
            raise ValueError(f"\\{anchor[1]} has no meaning line by line; {hint}")
        if "span-lines" not in flags and "\n" in pattern:
            raise ValueError(
                "there is a line end in it, and a match never crosses lines; write it on one line, "
                "between quotes, or add the flag span-lines"
            )
        if "span-lines" not in flags and _ONE_LINE.search(pattern):
            raise ValueError("-m has no meaning line by line; leave it out")
        try:
            # alone first: within what is put around it, brackets could close by accident
            re2.compile(pattern, _quiet())
            for utf8 in (True, False):
                _compiled(cls.model_construct(flags=flags, pattern=pattern), utf8=utf8)
        except re2.error as error:
            raise ValueError(_explain(error)) from error
        return pattern


def _explain(error: Exception) -> str:
    said = error.args[0] if error.args else error
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    what, _, where = text.partition(": ")
    for syntax, name, instead in _REFUSED:
        if pattern_syntax.search(syntax, where):
            return f"RE2 has no {name} (`{where}`); {instead}"
    return f"RE2 cannot take it: {what}{f' in `{where}`' if where else ''}; correct it"


def _quiet() -> Any:
    settings = re2.Options()
    settings.log_errors = False
    settings.max_mem = _MEMORY
    return settings


def _settings(options: RegexOptions, *, utf8: bool) -> Any:
    settings = _quiet()
    settings.never_nl = "span-lines" not in options.flags
    if not utf8:
        settings.encoding = re2.Options.Encoding.LATIN1
    return settings


def _source(options: RegexOptions, *, utf8: bool) -> bytes:
    letters = "m" + "i" * ("ignore-case" in options.flags) + "s" * ("dot-all" in options.flags)
    pattern = f"(?{letters})(?:{options.pattern})"
    if utf8:
        return pattern.encode()
    return _by_byte(pattern).encode("ascii")


def _by_byte(pattern: str) -> str:
    """The pattern for text that is not UTF-8: a character outside ASCII is its UTF-8 bytes there.

    In a character class, which is a set of single bytes, each of them belongs to the class.
    """
    parts: list[str] = []
    in_class = False
    for token in _TOKEN.finditer(pattern):
        text = token[0]
        if token["code"] and int(token["code"], 16) > 0x7F:
            text = chr(int(token["code"], 16))
        if text.isascii():
            if not in_class:
                in_class = text.startswith("[") and not text.startswith("[:")
            elif text.endswith("]") and not text.startswith(("[:", "\\")):
                in_class = False
            parts.append(text)
            continue
        found = "".join(f"\\x{byte:02x}" for byte in text.encode("utf-8", "surrogatepass"))
        parts.append(found if in_class else f"(?:{found})")
    return "".join(parts)


@lru_cache(maxsize=4096)
def _compiled(options: RegexOptions, *, utf8: bool) -> Any:
    return re2.compile(_source(options, utf8=utf8), _settings(options, utf8=utf8))


class Regex(ContentScanner[RegexOptions]):
    """One match a line: the first. A line is the bytes between two newlines, nothing more."""

    name = "regex"
    version = "1"
    Options = RegexOptions
    path_matters = False

    def find(self, options: RegexOptions, path: str, content: bytes) -> Iterable[Match]:  # noqa: ARG002 - the contract's
        """The lines of one file in which the pattern is found."""
        return _Locator(options, utf8=_is_utf8(content)).find(content)

    def each_line_alone(self, options: RegexOptions) -> bool:
        """Unless a match may span lines."""
        return "span-lines" not in options.flags

    def compile(self, rules: Sequence[RegexOptions]) -> _Search:
        """All rules in one pass: first which of them hit at all, then where."""
        return _Search(rules)


class _Search:
    """Which rules hit at all, for all of them in one pass; then the places of those that do."""

    def __init__(self, rules: Sequence[RegexOptions]) -> None:
        self._rules = rules
        self._sets: dict[tuple[bool, bool], list[tuple[Any, Sequence[int]]]] = {}
        self._single: dict[tuple[int, bool], _Locator] = {}
        by_line = [index for index, rule in enumerate(rules) if "span-lines" not in rule.flags]
        spanning = [index for index, rule in enumerate(rules) if "span-lines" in rule.flags]
        self._members = tuple(pair for pair in ((True, by_line), (False, spanning)) if pair[1])

    def __call__(self, path: str, content: bytes) -> Iterable[tuple[int, Match]]:  # noqa: ARG002 - the contract's
        utf8 = content.isascii() or _is_utf8(content)
        hitting: list[int] = []
        for by_line, members in self._members:
            for searched, its_members in self._sets_of(by_line, members, utf8):
                found = searched.Match(content)
                if found:
                    hitting += [its_members[position] for position in found]
        if not hitting:
            return ()
        return [
            (index, match)
            for index in sorted(hitting)
            for match in self._locator(index, utf8).find(content)
        ]

    def _sets_of(
        self, by_line: bool, members: Sequence[int], utf8: bool
    ) -> list[tuple[Any, Sequence[int]]]:
        known = self._sets.get((by_line, utf8))
        if known is None:
            known = self._sets[by_line, utf8] = list(self._compile(members, utf8))
        return known

    def _compile(self, members: Sequence[int], utf8: bool) -> Iterator[tuple[Any, Sequence[int]]]:
        """Rules that are searched together, and which they are; in parts where they need more
        room than there is.
        """
        rules = [self._rules[index] for index in members]
        together = re2.Set.SearchSet(_settings(rules[0], utf8=utf8))
        try:
            for rule in rules:
                together.Add(_source(rule, utf8=utf8))
            together.Compile()
        except re2.error:
            if len(members) == 1:
                raise
            middle = len(members) // 2
            yield from self._compile(members[:middle], utf8)
            yield from self._compile(members[middle:], utf8)
            return
        yield together, members

    def _locator(self, index: int, utf8: bool) -> _Locator:
        known = self._single.get((index, utf8))
        if known is None:
            known = self._single[index, utf8] = _Locator(self._rules[index], utf8=utf8)
        return known


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


class _Locator:
    """Finds the places of one rule: search, note the line, go on behind it."""

    def __init__(self, options: RegexOptions, *, utf8: bool) -> None:
        compiled = _compiled(options, utf8=utf8)
        self._search, self._has_names = compiled.search, bool(compiled.groupindex)
        self._spanning = "span-lines" in options.flags
        self._utf8 = utf8

    def find(self, content: bytes) -> Iterator[Match]:
        """The first match of each line that has one."""
        position, line, counted = 0, 1, 0
        end = len(content)
        while position < end:
            found = self._search(content, position)
            if found is None:
                return
            first, last = found.span()
            # behind the last newline there is no further line
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
                column=_column(content[start:first], self._utf8),
                captures=_captures(found) if self._has_names else {},
            )
            following = content.find(b"\n", first)
            position = end if following < 0 else following + 1


def _text(line: bytes) -> str:
    return line.decode("utf-8", "backslashreplace")


def _column(before: bytes, utf8: bool) -> int:
    by_byte = not utf8 or before.isascii()
    return 1 + (len(before) if by_byte else len(before.decode("utf-8", "replace")))


def _captures(found: Any) -> dict[str, str]:
    # searching in bytes, RE2 gives the names as bytes too
    return {
        _text(name): _text(value) for name, value in found.groupdict().items() if value is not None
    }
