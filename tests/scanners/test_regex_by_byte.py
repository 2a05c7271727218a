"""`regex` in files that are not UTF-8: a non-ASCII character matches its UTF-8 bytes."""

from __future__ import annotations

import pytest

from headway.config.workspace import shipped_folder
from headway.plugins import load_scanners
from headway.scanner import ContentScanner


def finds(pattern: str, content: bytes) -> bool:
    scanner = load_scanners([shipped_folder() / "scanners"]).get("regex")
    assert isinstance(scanner, ContentScanner)
    return bool(list(scanner.find(scanner.Options(pattern=pattern), "file", content)))


NOT_UTF8 = b" \xff\n"
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
        (r"[\x{D800}]", b"\xed", True),
        ("[^é]é", b"(\xc3\xa9", True),
        (r"[\]é]x", b"]x", True),
        ("[a]é+$", "aéé".encode() + b"\n", True),
    ],
)
def test_characters_outside_ascii(pattern: str, content: bytes, expected: bool) -> None:
    assert finds(pattern, content + NOT_UTF8) is expected
