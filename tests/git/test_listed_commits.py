"""Commits are checked against their IDs while git lists them."""

from __future__ import annotations

import zlib
from io import BytesIO
from pathlib import Path

import pytest

from headway.git.history import read_chain
from headway.git.listed_commits import OPTIONS, listed_commits
from headway.git.objects import UnreadableObjectError
from tests.support.git import Repo, git

HEADER = "author A <a@example.com> 1767225600 +0100\ncommitter B <b@example.com> 1767225600 +0000\n"
SIGNATURE = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n wsFc\n -----END PGP SIGNATURE-----\n \n"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "repo")
    repo.commit("2026-01-01", {"a.py": "import six\n"})
    return repo


def commit(repo: Repo, content: str, extra: bytes = b"") -> str:
    """Write a commit with exactly this content after its tree and parent."""
    tree = repo.git("rev-parse", "HEAD^{tree}").strip()
    raw = f"tree {tree}\nparent {repo.head}\n{content}".encode() + extra
    arguments = ("hash-object", "-t", "commit", "-w", "--literally", "--stdin")
    identity = git(repo.path, *arguments, stdin=raw).strip()
    repo.git("update-ref", "HEAD", identity)
    return identity


def listing(repo: Repo) -> bytes:
    output = git(repo.path, "rev-list", "--first-parent", *OPTIONS, "HEAD")
    return output.encode("utf-8", "surrogateescape")


@pytest.mark.parametrize(
    "message",
    [
        "One line\n",
        "No line ending",
        "Two line endings\n\n",
        "Title\n\nBody\n\n    code\n        more code\n\tlast\n",
    ],
)
@pytest.mark.parametrize("header", [HEADER, HEADER + SIGNATURE, HEADER + "mergetag object 1\n x\n"])
def test_the_content_of_most_commits_is_restored(repo: Repo, header: str, message: str) -> None:
    first = repo.head
    identity = commit(repo, f"{header}\n{message}")
    listed = listed_commits(BytesIO(listing(repo)))
    assert listed.identities == [identity, first]
    assert listed.committed_at[0] == 1767225600
    assert listed.unchecked == []
    assert read_chain(repo.path / ".git", repo.head).commits == [first, identity]


@pytest.mark.parametrize(
    ("message", "extra"),
    [
        ("Space at the end \n", b""),
        ("Title\n\nBody\r\nof a form\r\n", b""),
        ("\n\nEmpty lines first\n", b""),
        ("", b""),
        ("\n\n\n\n", b""),
        ("NUL: ", b"\0 and more\n"),
    ],
)
def test_all_other_commits_are_read_again(repo: Repo, message: str, extra: bytes) -> None:
    first = repo.head
    identity = commit(repo, f"{HEADER}\n{message}", extra)
    assert listed_commits(BytesIO(listing(repo))).unchecked == [identity]
    assert read_chain(repo.path / ".git", repo.head).commits == [first, identity]
    assert read_chain(repo.path / ".git", repo.head, after=first) == (
        [identity],
        [1767225600],
        first,
    )


def test_the_encoding_of_a_message_is_not_converted(repo: Repo) -> None:
    commit(repo, f"{HEADER}encoding ISO-8859-1\n\nCaf", b"\xe9\n")
    repo.git("config", "i18n.logOutputEncoding", "UTF-8")
    assert listed_commits(BytesIO(listing(repo))).unchecked == []


@pytest.mark.fault(36)
@pytest.mark.parametrize("message", ["Change\n", "Space at the end \n"])
def test_a_changed_message_is_an_error(repo: Repo, message: str) -> None:
    identity = commit(repo, f"{HEADER}\n{message}")
    path = repo.path / ".git" / "objects" / identity[:2] / identity[2:]
    path.chmod(0o600)
    content = zlib.decompress(path.read_bytes())
    path.write_bytes(zlib.compress(content.replace(b"Change", b"change").replace(b"Sp", b"sp")))
    with pytest.raises(UnreadableObjectError, match=f"{identity[:12]} .*does not match its ID"):
        read_chain(repo.path / ".git", repo.head)


def test_an_incomplete_commit_is_omitted(repo: Repo) -> None:
    commit(repo, f"{HEADER}\nChange\n")
    complete = listing(repo)
    for length in range(len(complete)):
        found = listed_commits(BytesIO(complete[:length]))
        assert len(found.identities) == complete[:length].count(b"\0")
        assert found.unchecked == []
