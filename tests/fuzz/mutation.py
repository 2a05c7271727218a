"""Change inputs at random, without coverage."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

LARGEST = 8192
_TOKENS = (
    *(b"\0", b"\n", b"\r\n", b"\t", b'"', b"'", b"\\", b"{", b"}", b"[", b"]", b"(", b")", b"<"),
    *(b">", b":", b",", b"=", b"#", b"/", b"*", b"**", b"!", b"-", b"- ", b"  ", b"&a", b"*a"),
    *(b"null", b"true", b"1e999", b"-1", b"0", b"99999999999999999999", b"1.2.3", b"~=", b"^"),
    *(b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"\x1b[31m", b"\x85", b"${x}"),
    *("\N{LATIN SMALL LETTER DOTLESS I}".encode(), "\N{ARABIC-INDIC DIGIT ONE}".encode()),
)


def mutations(seeds: Sequence[bytes], rng: random.Random) -> Iterator[bytes]:
    """Yield an endless sequence of changed seeds."""
    while True:
        content = bytearray(rng.choice(seeds))
        for _ in range(rng.randrange(1, 6)):
            _change(content, seeds, rng)
        yield bytes(content[:LARGEST])


def _change(content: bytearray, seeds: Sequence[bytes], rng: random.Random) -> None:
    start = rng.randrange(len(content) + 1)
    end = min(len(content), start + rng.choice((0, 1, 1, 2, 4, 16, 64)))
    kind = rng.randrange(6)
    if kind == 0:
        del content[start:end]
    elif kind == 1:
        content[start:end] = rng.choice(_TOKENS)
    elif kind == 2:
        content[start:start] = content[start:end] * rng.choice((1, 2, 20))
    elif kind == 3:
        other = rng.choice(seeds)
        first = rng.randrange(len(other) + 1)
        content[start:end] = other[first : first + rng.choice((4, 16, 64))]
    elif kind == 4 and start < len(content):
        content[start] ^= 1 << rng.randrange(8)
    else:
        content[start:start] = rng.choice(_TOKENS) * rng.choice((1, 1, 1, 200))
