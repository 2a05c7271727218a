"""Encode commits in the format of `git fast-import`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit on the default branch."""

    moment: datetime
    author: Person
    message: str
    changes: Mapping[str, str | None]
    """Maps the path of each changed file to its new content. None deletes the file."""


def stream(branch: str, commits: Iterable[Commit], *, append: bool) -> bytes:
    """Encode commits for a branch.

    Args:
        branch: The name of the branch.
        commits: The commits, oldest first.
        append: Whether the commits follow the last commit of an existing branch.
    """
    parts: list[bytes] = []
    parent = f"refs/heads/{branch}^0" if append else None
    for commit in commits:
        parts.append(f"commit refs/heads/{branch}\n".encode())
        seconds = int(commit.moment.astimezone(UTC).timestamp())
        who = f"{commit.author.name} <{commit.author.email}> {seconds} +0000\n"
        parts.append(f"author {who}committer {who}".encode())
        parts.append(_data(commit.message + "\n"))
        if parent is not None:
            parts.append(f"from {parent}\n".encode())
            parent = None
        for path, content in sorted(commit.changes.items()):
            if content is None:
                parts.append(f"D {path}\n".encode())
            else:
                parts.append(f"M 100644 inline {path}\n".encode() + _data(content))
        parts.append(b"\n")
    parts.append(b"done\n")
    return b"".join(parts)


def _data(text: str) -> bytes:
    content = text.encode()
    return b"data %d\n%s\n" % (len(content), content)
