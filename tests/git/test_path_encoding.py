"""File names: bytes to text and back without loss."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.git.path_encoding import bytes_of, text_of

names = st.binary(min_size=1, max_size=20).filter(lambda name: b"\0" not in name)


@given(names)
def test_every_name_comes_back_as_it_was(name: bytes) -> None:
    assert bytes_of(text_of(name)) == name


@given(names)
def test_a_name_is_text_that_any_store_can_hold(name: bytes) -> None:
    text_of(name).encode("utf-8")


@given(names, names)
def test_two_names_never_become_one(first: bytes, second: bytes) -> None:
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
def test_names_look_as_git_writes_them(name: bytes, text: str) -> None:
    assert text_of(name) == text
