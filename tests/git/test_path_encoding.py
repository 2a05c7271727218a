"""File names are converted from bytes to text and back without loss."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.git.path_encoding import bytes_of, text_of

names = st.binary(min_size=1, max_size=20).filter(lambda name: b"\0" not in name)


@pytest.mark.fault(25)
@given(names)
def test_every_name_survives_a_round_trip(name: bytes) -> None:
    assert bytes_of(text_of(name)) == name


@given(names)
def test_every_text_is_valid_utf8(name: bytes) -> None:
    text_of(name).encode("utf-8")


@pytest.mark.fault(25)
@given(names, names)
def test_different_names_have_different_texts(first: bytes, second: bytes) -> None:
    assert (text_of(first) == text_of(second)) == (first == second)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (b"a b.py", "a b.py"),
        ("ünï.py".encode(), "ünï.py"),
        (b"caf\xe9.py", r'"caf\351.py"'),
        (b'"quoted".py', r'"\"quoted\".py"'),
        (b'in"side.py', 'in"side.py'),
        (b"new\nline.py", "new\nline.py"),
    ],
)
def test_names_are_quoted_as_git_quotes_them(name: bytes, text: str) -> None:
    assert text_of(name) == text
