"""Damaged versions of real files, which readers of untrusted repositories must survive."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

_NASTY = (
    *(b"\x00", b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", b"${", b"}}", b'"', b"'", b"\n\t"),
    *(b"[" * 3_000, b"{" * 3_000, b"(" * 3_000, b"<a>" * 3_000, b"- " * 3_000, b"9" * 5_000),
    *(b"&a *a", b"\\", b"/*", b"<<A\n", b"*/"),
)


@st.composite
def _damaged(draw: st.DrawFn, samples: Sequence[bytes]) -> bytes:
    content = draw(st.sampled_from(samples))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        end = draw(st.integers(start, min(len(content), start + 40)))
        new = draw(st.one_of(st.sampled_from(_NASTY), st.binary(max_size=4)))
        content = content[:start] + new + content[end:]
    return content


def hostile_files(*samples: str) -> st.SearchStrategy[bytes]:
    """Generate damaged versions of the samples, and arbitrary bytes."""
    return st.one_of(_damaged([sample.encode() for sample in samples]), st.binary(max_size=200))
