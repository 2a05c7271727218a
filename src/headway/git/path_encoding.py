"""Lossless conversion of file names between git's bytes and Python strings.

Valid UTF-8 names stay unchanged, unless they begin with a quotation mark. All other names are
quoted in git's style, in quotation marks and with backslash escapes. The first character therefore
shows whether a string is quoted.
"""

from __future__ import annotations

import os
import re

_NAMED = {"\a": "a", "\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f", "\r": "r"}
_NAMED |= {'"': '"', "\\": "\\"}
_ESCAPES = {f"\\{letter}".encode(): char.encode() for char, letter in _NAMED.items()}
_STRAY_BYTE = re.compile("[\udc80-\udcff]")
_STAND_IN = re.compile("[\U0010dc80-\U0010dcff]")
_ESCAPE = re.compile(rb"\\(?:[0-7]{3}|.)", re.DOTALL)
_QUOTED = re.compile(rb'"((?:[^"\\]|\\(?:[0-3][0-7]{2}|[abtnvfr"\\]))*)"')


def text_of(name: bytes) -> str:
    r"""Decode a name: `b"a b.py"` is `a b.py`, and `b"caf\xe9.py"` is `"caf\351.py"` in quotes."""
    if not name.startswith(b'"'):
        try:
            return name.decode()
        except UnicodeDecodeError:
            pass
    return '"' + "".join(_quoted(byte) for byte in name) + '"'


def bytes_of(text: str) -> bytes:
    """Encode a name. This function is the inverse of `text_of`."""
    if not text.startswith('"'):
        return text.encode()
    return _ESCAPE.sub(_unquoted, text[1:-1].encode("ascii"))


def unquoted(text: bytes) -> tuple[bytes, bytes] | None:
    """Decode a quoted name at the start of a line in one of git's files.

    Returns:
        The name and the rest of the line, or None if the line has no valid quoted name.
    """
    found = _QUOTED.match(text)
    return None if found is None else (_ESCAPE.sub(_unquoted, found[1]), text[found.end() :])


def with_stand_ins(content: bytes) -> str:
    """Decode content for searching and storing, with one character for each stray byte.

    A stray byte is a byte from 0x80 to 0xFF that is not part of a valid UTF-8 character. It becomes
    one of the private-use characters U+10DC80 to U+10DCFF.
    """
    text = content.decode("utf-8", "surrogateescape")
    return _STRAY_BYTE.sub(lambda byte: chr(ord(byte[0]) + 0x10_0000), text)


def without_stand_ins(text: str) -> str:
    r"""Replace each character that stands for a stray byte by an escape such as `\xe9`."""
    return _STAND_IN.sub(lambda char: f"\\x{ord(char[0]) & 0xFF:02x}", text)


def quoted(path: str) -> str:
    """Return a path as it appears in git's own files, quoted only if necessary."""
    if path.startswith(('"', "#")) or "\n" in path:
        return '"' + "".join(_quoted(byte) for byte in os.fsencode(path)) + '"'
    return path


def _quoted(byte: int) -> str:
    char = chr(byte)
    if char in _NAMED:
        return "\\" + _NAMED[char]
    return char if 0x20 <= byte < 0x7F else f"\\{byte:03o}"


def _unquoted(escape: re.Match[bytes]) -> bytes:
    found = escape.group()
    return _ESCAPES[found] if found in _ESCAPES else bytes([int(found[1:], 8)])
