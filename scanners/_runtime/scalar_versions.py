"""Find the versions in a scalar of a CI job: in words, JSON lists and expressions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from .._ecosystems.json_document import Path, read_json
from .._ecosystems.source_text import SourceText

IsKey = Callable[[str], bool]
"""Returns whether the values of a key are versions of the runtime."""


class Part(NamedTuple):
    """A version within a scalar."""

    version: str
    offset: int | None = None
    """The offset of the version in the scalar, or None if it is the whole scalar."""
    is_one_of_many: bool = False


_LONGEST = 20_000
"""The maximum number of characters of a scalar that are read."""
_VERSION = re.compile(r"(?:[A-Za-z_@]+[-@]?)?[<>=~^!]{0,2}\s*v?\d[\w.*+-]*|lts/\w+")
_EXACT = re.compile(
    r"(?:[A-Za-z_]+[-@]?)?v?\d{1,4}(?:\.(?:\d{1,9}|[xX*])){0,4}(?:t|-?(?:dev|rc)[\d.]*)?"
)
"""A version that can be one of several on a line. A range cannot."""
_WORD = re.compile(r"[^\s,]+")
_LIST_WORD = re.compile(r"""[^\s,\[\]"']+""")
_LITERAL = re.compile(r"'((?:[^']|'')*)'")
_RESULT = re.compile(r"(?:&&|\|\|)[\s(]*\Z")
"""The operators before a literal that can be the result of an expression."""
_COMPARED = re.compile(r"\s*(?:[=!]=|[<>])")
_CONDITION = re.compile(r"contains\(\s*fromjson\(\s*\Z", re.IGNORECASE)
_JSON_KEY = re.compile(r'"(?:[^"\\]|\\.)*"\s*:\s*')
_JSON_TEXT = re.compile(r'"(?P<text>[^"\\]*)"|(?P<number>[\d.]+)')


def versions_in(text: str, is_key: IsKey, *, is_version: bool) -> Iterator[Part]:
    """Yield the versions in a scalar.

    Args:
        text: The value of the scalar.
        is_key: Decides which keys of JSON objects have versions as values.
        is_version: Whether the scalar is the value of such a key. Otherwise, only JSON objects in
            the scalar can contain versions.
    """
    text = text[:_LONGEST]
    if "${{" in text:
        yield from _in_expression(text, is_key, is_version=is_version)
    elif text.lstrip()[:1] in ("[", "{"):
        yield from _in_json(text, 0, is_key, is_version=is_version)
    elif is_version and "$(" not in text:
        yield from _in_words(text)


def _in_words(text: str) -> Iterator[Part]:
    """Yield the versions in a string of one or more words, such as `3.9 3.10`."""
    words = list(_WORD.finditer(text))
    found = [word for word in words if _VERSION.fullmatch(word[0])]
    if len(found) > 1 and ("\n" in text or all(_EXACT.fullmatch(word[0]) for word in words)):
        for word in found:
            yield Part(word[0], word.start(), is_one_of_many=True)
    elif _VERSION.match(text):
        yield Part(text)


def _in_expression(text: str, is_key: IsKey, *, is_version: bool) -> Iterator[Part]:
    """Yield the versions in the literals of expressions and in lines without expressions."""
    start = 0
    for line in text.splitlines(keepends=True) if is_version and "\n" in text else ():
        if "${{" not in line and "}}" not in line and _VERSION.fullmatch(line.strip()):
            offset = start + len(line) - len(line.lstrip())
            yield Part(line.strip(), offset, is_one_of_many=True)
        start += len(line)
    results = []
    for literal in _LITERAL.finditer(text, text.index("${{")):
        before = text[max(0, literal.start() - 40) : literal.start()]
        if literal[1].lstrip()[:1] in ("[", "{"):
            if not _CONDITION.search(before):
                yield from _in_json(literal[1], literal.start(1), is_key, is_version=is_version)
        elif (
            is_version
            and _RESULT.search(before)
            and _EXACT.fullmatch(literal[1])
            and not _COMPARED.match(text, literal.end())
        ):
            results.append(literal)
    for literal in results:
        yield Part(literal[1], literal.start(1), is_one_of_many=len(results) > 1)


def _in_json(text: str, start: int, is_key: IsKey, *, is_version: bool) -> Iterator[Part]:
    """Yield the versions in a JSON list or object that begins at an offset in the scalar."""
    try:
        document = read_json(SourceText(text.encode("utf-8", "replace")))
    except ValueError:
        # Some actions also accept lists with other quotes, such as ['3.8', '3.9'].
        if is_version and text.lstrip().startswith("["):
            for word in _LIST_WORD.finditer(text):
                if _EXACT.fullmatch(word[0]):
                    yield Part(word[0], start + word.start(), is_one_of_many=True)
        return
    for path, offset in document.offsets.items():
        if not _is_version(path, is_key, is_version=is_version):
            continue
        if isinstance(_at(document.value, path), str | int | float):
            key = _JSON_KEY.match(text, offset) if isinstance(path[-1], str) else None
            leaf = _JSON_TEXT.match(text, key.end() if key else offset)
            group = leaf.lastgroup if leaf else None
            if leaf and group and _VERSION.match(leaf[group]):
                yield Part(leaf[group], start + leaf.start(group), is_one_of_many=True)


def _is_version(path: Path, is_key: IsKey, *, is_version: bool) -> bool:
    """Return whether the value at a path of a JSON document is a version of the runtime."""
    names = [name for name in path if isinstance(name, str)]
    if not names:
        return is_version
    if names[-1] == "version":
        return is_version or any(is_key(name) for name in names)
    return is_key(names[-1])


def _at(value: Any, path: Path) -> Any:
    for key in path:
        value = value[key]
    return value
