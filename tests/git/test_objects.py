"""Many blobs can be read with one git process."""

from __future__ import annotations

from pathlib import Path

import pytest

from headway.git.objects import (
    TooLargeError,
    UnreadableObjectError,
    is_binary,
    read_contents,
    read_texts,
    text_in,
)
from tests.support.git import Repo, git


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "repo")


def blob(repo: Repo, content: bytes) -> str:
    return git(repo.path, "hash-object", "-w", "--stdin", stdin=content).strip()


def test_contents_are_read_in_order_and_byte_for_byte(repo: Repo) -> None:
    contents = [b"", b"a\r\nb", b"caf\xe9\n", b"import six\n", b"x" * 100_000]
    blobs = [blob(repo, content) for content in contents]
    read = list(read_texts(repo.path / ".git", blobs, max_bytes=1 << 20))
    assert read == list(zip(blobs, contents, strict=True))


def test_a_blob_may_be_read_twice(repo: Repo) -> None:
    name = blob(repo, b"x")
    assert len(list(read_texts(repo.path / ".git", [name, name], max_bytes=10))) == 2


@pytest.mark.parametrize(
    ("content", "binary"),
    [
        (b"\0", True),
        (b"a" * 7999 + b"\0", True),
        (b"a" * 8000 + b"\0", False),
        ("import six\n".encode("utf-16-le"), True),
        (b"", False),
    ],
)
def test_binary_files_are_those_that_git_treats_as_binary(
    repo: Repo, content: bytes, binary: bool
) -> None:
    assert is_binary(content) is binary
    ((_, read),) = read_texts(repo.path / ".git", [blob(repo, content)], max_bytes=1 << 20)
    assert read == (None if binary else content)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"\xef\xbb\xbfimport six\n", b"import six\n"),
        (b"\xef\xbb\xbf", b""),
        (b"\xef\xbb\xbf\0", None),
        (b"\xff\xfe" + "süß 😀\r\n".encode("utf-16-le"), "süß 😀\r\n".encode()),
        (b"\xfe\xff" + "süß 😀\n".encode("utf-16-be"), "süß 😀\n".encode()),
        (b"\xff\xfe\0\0" + "süß 😀\n".encode("utf-32-le"), "süß 😀\n".encode()),
        (b"\0\0\xfe\xff" + "süß 😀\n".encode("utf-32-be"), "süß 😀\n".encode()),
        (b"\xff\xfe", b""),
        # The next three contents are binary: the first ends in half a code unit, the second has an
        # unpaired surrogate, and the third contains a NUL.
        (b"\xff\xfea\0b", None),
        (b"\xff\xfe\x00\xd8a\0", None),
        (b"\xff\xfea\0\0\0b\0", None),
        (b"\xff\xfe\xfb odd", b"\xff\xfe\xfb odd"),
    ],
)
def test_a_byte_order_mark_determines_the_encoding_of_a_text(
    repo: Repo, content: bytes, text: bytes | None
) -> None:
    assert text_in(content) == text
    ((_, read),) = read_texts(repo.path / ".git", [blob(repo, content)], max_bytes=1 << 20)
    assert read == text


def test_a_text_in_utf16_over_the_limit_is_an_error(repo: Repo) -> None:
    large = blob(repo, ("x" * 20_000).encode("utf-16"))
    with pytest.raises(TooLargeError):
        list(read_texts(repo.path / ".git", [large], max_bytes=10_000))


def test_a_text_over_the_limit_is_an_error_but_a_binary_file_is_none(repo: Repo) -> None:
    with pytest.raises(TooLargeError, match=r"20,000 bytes, which exceeds the limit of 10,000"):
        list(read_texts(repo.path / ".git", [blob(repo, b"x" * 20_000)], max_bytes=10_000))
    large = blob(repo, b"\0" * 20_000)
    after = blob(repo, b"after")
    read = dict(read_texts(repo.path / ".git", [large, after], max_bytes=10_000))
    assert read == {large: None, after: b"after"}


def test_read_contents_gives_none_for_contents_over_the_limit(repo: Repo) -> None:
    large, binary = blob(repo, b"x" * 20_000), blob(repo, b"\0")
    read = dict(read_contents(repo.path / ".git", [large, binary], max_bytes=10_000))
    assert read == {large: None, binary: b"\0"}


def test_a_missing_object_is_named(repo: Repo) -> None:
    present = blob(repo, b"x")
    reader = read_texts(repo.path / ".git", [present, "1" * 40], max_bytes=10)
    assert next(reader) == (present, b"x")
    with pytest.raises(UnreadableObjectError, match="111111111111"):
        list(reader)


def test_a_damaged_object_is_an_error(repo: Repo) -> None:
    name = blob(repo, b"x" * 1000)
    loose = repo.path / ".git" / "objects" / name[:2] / name[2:]
    loose.chmod(0o600)
    loose.write_bytes(loose.read_bytes()[:-4])
    with pytest.raises(UnreadableObjectError):
        list(read_texts(repo.path / ".git", [name], max_bytes=10_000))


def test_without_blobs_git_is_not_run(tmp_path: Path) -> None:
    assert list(read_texts(tmp_path / "nowhere", [], max_bytes=1)) == []
