"""Files and paths that a scanner must survive. Repositories can contain anything."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

_NASTY = (b"\x00", b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", b"${", b'"', b"'", b"\n\t", b"\\", b"*/")
_NESTED = (b"[", b"{", b"(", b"<a>", b"- ", b'{"a":', b"f(")
_DEPTH = 3_000
_LONG_LINE = 200_000
_CHANGES = 12
_PATHS = ("a\nb", "-rf", " ", "é" * 100, "..a", "a'b\"c`d", "x" * 250, "\udcff", "a\\b", "<b>")


def hostile_contents(sample: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield descriptions and contents of hostile files. Some of them are damaged samples.

    Every call with the same sample yields the same contents.
    """
    yield "nothing", b""
    yield "an empty line", b"\n"
    yield "invalid UTF-8", b"\xff\xc3" + sample + b"\xed\xa0\x80"
    yield "carriage returns", sample.replace(b"\n", b"\r")
    yield "the end cut off", sample[: len(sample) // 2]
    yield "the same content 50 times", sample * 50
    yield "a long line", sample.replace(b"\n", b" ") + b"x" * _LONG_LINE
    yield "a long number", sample + b"9" * 5_000
    for opening in _NESTED:
        yield f"{_DEPTH:,} times {opening.decode()}", sample + opening * _DEPTH
    generator = random.Random(len(sample))  # noqa: S311 - the same damage in every run
    for number in range(_CHANGES):
        position = generator.randrange(len(sample) + 1)
        removed = generator.randrange(10)
        changed = sample[:position] + generator.choice(_NASTY) + sample[position + removed :]
        yield f"damage {number + 1}", changed


def hostile_paths(samples: Sequence[str]) -> list[str]:
    """Return sorted hostile paths. Some of them contain one of the samples."""
    inside = [f"{path}/{sample}" for path in _PATHS for sample in samples]
    return sorted({*samples, *_PATHS, *inside})
