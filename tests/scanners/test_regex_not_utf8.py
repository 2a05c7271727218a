"""The `regex` scanner searches files that are not UTF-8. Invalid bytes are not letters."""

from __future__ import annotations

import pytest

from headway.config.workspace import shipped_folder
from headway.plugins import load_scanners
from headway.scanner import ContentScanner


def finds(pattern: str, content: bytes) -> bool:
    scanner = load_scanners([shipped_folder() / "scanners"]).get("regex")
    assert isinstance(scanner, ContentScanner)
    return bool(list(scanner.find(scanner.Options(pattern=pattern), "file", content)))


NOT_UTF8 = b"\n \xff\n"
CAFE = "café".encode()


@pytest.mark.parametrize(
    ("pattern", "content", "expected"),
    [
        ("café", CAFE, True),
        (r"caf\x{e9}", CAFE, True),
        (r"^\x{FEFF}?caf", b"\xef\xbb\xbfcafe", True),
        (r"\\x{e9}", CAFE, False),
        ("caf[éè]", CAFE, True),
        (r"caf[\x{e9}]", CAFE, True),
        ("[é]", b"f(x)?: ", False),
        ("[[:digit:]é]", b"f(x)?: ", False),
        ("[]é]", b"f(x)?: ", False),
        ("[a[]é", "[é".encode(), True),
        (r"[\x{D800}]", b"\xed", False),
        # The content has bytes of `ä`, `ö` and `ü`, but within other characters or in Latin-1.
        ("[äöü]", "¼ ¤ ¶ Ã".encode(), False),
        ("[äöü]", "ä".encode("latin-1"), False),
        ("[äöü]", "¼ Ã".encode("latin-1"), False),
        ("(?i)[äöü]", "Ä".encode(), True),
        ("^[^äöü]$", "é".encode(), True),
        ("^[^äöü]$", b"\xe4", True),
        ("foo.*bar", b"foo \xe9\xff bar", True),
        (r"^\w+$", b"caf\xe9", False),
        (r"f\W$", b"caf\xe9", True),
        ("^.$", "😀".encode(), True),
        ("^.{3}$", b"a\xe9\xc3", True),
        ("[^é]é", b"(\xc3\xa9", True),
        (r"[\]é]x", b"]x", True),
        ("[a]é+$", "aéé".encode(), True),
    ],
)
def test_characters_outside_ascii(pattern: str, content: bytes, expected: bool) -> None:
    assert finds(pattern, content + NOT_UTF8) is expected


def test_text_column_and_captures_of_a_line_with_stray_bytes() -> None:
    scanner = load_scanners([shipped_folder() / "scanners"]).get("regex")
    assert isinstance(scanner, ContentScanner)
    content = b"\n" + "é".encode() + b"\xe9 old(\xff\xc3)\n"
    (match,) = scanner.find(scanner.Options(pattern=r"old\((?P<what>.*)\)"), "file", content)
    assert (match.text, match.line, match.column) == (r"é\xe9 old(\xff\xc3)", 2, 4)
    assert match.captures == {"what": r"\xff\xc3"}
