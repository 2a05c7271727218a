"""The `regex` scanner agrees with a simple line-by-line search, even in edge cases."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headway.model.limits import EXCERPT_LENGTH
from headway.scan.spots import spot_of
from headway.scanner import ContentScanner, Match
from tests.support.definitions import SHIPPED


def find(pattern: str, content: bytes, *flags: str) -> list[Match]:
    scanner = SHIPPED.get("regex")
    assert isinstance(scanner, ContentScanner)
    options = scanner.Options(pattern=pattern, flags=flags)
    alone = list(scanner.find(options, "file", content))
    # A search for several rules takes another path through the code. Its matches must be the same.
    other = scanner.Options(pattern="never there at all")
    together = scanner.compile([other, options])("file", content)
    assert [match for index, match in together if index == 1] == alone
    return alone


def lines(pattern: str, content: bytes, *flags: str) -> list[int | None]:
    return [match.line for match in find(pattern, content, *flags)]


@pytest.mark.parametrize(
    ("pattern", "content", "expected"),
    [
        (r"a\sb", b"a\nb\n", []),
        (r"a[^x]b", b"a\nb\na b\n", [3]),
        (r"a\s*$", b"a\n\n\nb\n", [1]),
        (r"^\s*b", b"\n\n  b\n", [3]),
        (r"(?s)a.b", b"a\nb\n", []),
        ("^$", b"a\n\nb\n\n", [2, 4]),
        ("^", b"a\nb\n", [1, 2]),
        ("$", b"a\nb", [1, 2]),
        ("b$", b"a\nb", [2]),
        ("x*", b"", []),
        ("a", b"aaa\na\n", [1, 2]),
        ("a$", b"a\r\n", []),
        (r"a\r?$", b"a\r\nb\na\n", [1, 3]),
        ("^import", b"\xef\xbb\xbfimport six\n", []),
        (r"^\x{FEFF}?import", b"\xef\xbb\xbfimport six\n", [1]),
        ("a.b", "aéb\n".encode(), [1]),
        ("a..b", "aéb\n".encode(), []),
        ("a.b", b"a\xffb\n", [1]),
        ("b", b"\xff\xfe\nb\n", [2]),
        ("b", b"a\0\nb\n", [2]),
        ("a.b", "a\u2028b\n".encode(), [1]),
        ("b", b"a\rb\n", [1]),
    ],
)
def test_a_line_is_the_bytes_between_two_newlines(
    pattern: str, content: bytes, expected: list[int]
) -> None:
    assert lines(pattern, content) == expected


@pytest.mark.parametrize(
    ("pattern", "content", "flags", "expected"),
    [
        ("IMPORT", b"import\n", ["ignore-case"], [1]),
        ("É", "é\n".encode(), ["ignore-case"], [1]),
        (r"a\sb", b"x\na\nb\n", ["span-lines"], [2]),
        ("a.b", b"a\nb\n", ["span-lines"], []),
        ("a.b", b"a\nb\n", ["span-lines", "dot-all"], [1]),
    ],
)
def test_flags(pattern: str, content: bytes, flags: list[str], expected: list[int]) -> None:
    assert lines(pattern, content, *flags) == expected


def test_named_groups_are_captured() -> None:
    (match,) = find(r"six==(?P<version>[\d.]+)(?P<extra>x)?", b"six==1.16.0\n")
    assert match.captures == {"version": "1.16.0"}


@pytest.mark.parametrize(
    ("content", "column"),
    [(b"  six\n", 3), ("é日 six\n".encode(), 4), (b"\xff six\n", 3), (b"a\n six\n", 2)],
)
def test_columns_count_characters(content: bytes, column: int) -> None:
    assert find("six", content)[0].column == column


def test_nested_quantifiers_take_linear_time() -> None:
    assert find(r"(a+)+$", b"a" * 200_000 + b"!\n") == []


def test_only_an_excerpt_of_a_very_long_line_is_stored() -> None:
    (match,) = find("six", b"x" * 5_000_000 + b"six" + b"y" * 5_000_000)
    spot = spot_of(match)
    assert spot.column == 5_000_001
    assert "six" in spot.excerpt
    assert len(spot.excerpt) <= EXCERPT_LENGTH + 2


PIECES = [b"a", b"b", b" ", b"\t", b"\n", b"\n", b"\r\n", b"x1", "é".encode(), b"\xff", b"\0"]
PATTERNS = [
    "a",
    "^a",
    "a$",
    r"a\s*b",
    "^$",
    r"^\s+",
    "a[^x]",
    r"[^\s]b",
    r"\bx\d",
    "a|b$",
    "(a+)+$",
]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map(b"".join), st.sampled_from(PATTERNS))
def test_regex_agrees_with_searching_line_by_line(content: bytes, pattern: str) -> None:
    rows = content.split(b"\n")
    if rows[-1] == b"":
        rows.pop()
    # In Python, `$` also matches before a final newline. This is harmless, as rows have no newline.
    searched = re.compile(pattern.encode())
    expected = [number for number, row in enumerate(rows, 1) if searched.search(row)]
    assert lines(pattern, content) == expected
