"""Generate histories as plain data, and turn them into repositories with `git fast-import`."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import strategies as st

from tests.support.git import git

PATHS = (
    b"a.py",
    b"b.py",
    b"lib/a.py",
    b"lib/deep/er/c.py",
    b"with space.py",
    b"-dash.py",
    b'quo"te.py',
    b"tab\there.py",
    b"new\nline.py",
    b"new\nline/in dir.py",
    "ünïcode.py".encode(),
    b"latin\xe9.py",
    b"notes.txt",
)
_LINES = (
    b"import six",
    b"  import six",
    b"\timport six  # here",
    b"from six import moves",
    b"import os",
    b"",
    b"    pass",
    b"x = 'import six'",
    "ä import six ü".encode(),
    b"caf\xe9 import six",
    b"import six\r",
    b"import six  # there",
    b"import six, os",
)
LONG = b"".join(b"line %d of many that stay as they are\n" % number for number in range(40))
"""A block of 40 lines, long enough to separate two changes in a diff."""

_SPECIAL = (
    b"",
    b"\n",
    b"import six",
    b"import six\n\0binary",
    b"import six\n" + b"#" * 8100 + b"\n\0late nul\nimport six\n",
    b"import six\r\nimport six\r\n",
)


@dataclass(frozen=True)
class Edit:
    """A change to one path in one commit."""

    kind: str
    """`write`, `delete`, `move`, `link` (a symbolic link) or `module` (a submodule)."""
    path: bytes
    content: bytes = b""
    target: bytes = b""
    """The new path, if the kind is `move`."""
    mode: str = "100644"


@dataclass(frozen=True)
class Commit:
    """One commit of the first-parent chain."""

    edits: tuple[Edit, ...]
    seconds: int
    """The seconds since the previous commit's committer time, which may be negative."""
    merge: bool = False
    """Whether the commit merges a side branch that contains the edits."""
    revert: bool = False
    """Whether the commit ignores the edits, and undoes the previous two commits if they exist."""


@dataclass
class History:
    """The commits of a first-parent chain, oldest first."""

    commits: list[Commit] = field(default_factory=list)


START = 1_600_000_000
_DAY = 86_400

contents = st.one_of(
    st.lists(st.sampled_from(_LINES), max_size=6).map(lambda lines: b"\n".join(lines) + b"\n"),
    st.sampled_from(_SPECIAL),
    st.lists(
        st.one_of(st.just(LONG), st.sampled_from(_LINES).map(lambda line: line + b"\n")), max_size=7
    ).map(b"".join),
)
paths = st.sampled_from(PATHS)
edits = st.one_of(
    st.builds(
        Edit,
        st.just("write"),
        paths,
        contents,
        mode=st.sampled_from(["100644", "100644", "100755"]),
    ),
    st.builds(Edit, st.just("delete"), paths),
    st.builds(Edit, st.just("move"), paths, target=paths),
    st.builds(Edit, st.just("link"), paths, st.just(b"import six")),
    st.builds(Edit, st.just("module"), paths),
)
commits = st.builds(
    Commit,
    st.lists(edits, max_size=4).map(tuple),
    st.integers(-5 * _DAY, 60 * _DAY),
    st.booleans(),
    st.integers(0, 9).map(lambda number: number == 0),
)
histories = st.builds(History, st.lists(commits, min_size=1, max_size=9))

_repeated_lines = st.tuples(st.integers(0, 3), st.integers(0, 3)).map(
    lambda counts: b"import six\n" * counts[0] + b"\n" + b"import six, os\n" * counts[1]
)
_rewrites = st.builds(Edit, st.just("write"), st.sampled_from(PATHS[:2]), _repeated_lines)
repetitive_histories = st.builds(
    History,
    st.lists(
        st.builds(Commit, st.tuples(_rewrites), st.integers(0, 60 * _DAY)), min_size=3, max_size=9
    ),
)
"""Histories in which the same lines appear in two files, a varying number of times."""


def build(history: History, path: Path) -> list[str]:
    """Write a history to a new bare repository and return the first-parent chain, oldest first."""
    path.mkdir(parents=True)
    git(path, "init", "-q", "--bare", "-b", "main")
    git(path, "fast-import", "--quiet", "--done", stdin=_stream(history))
    return git(path, "rev-list", "--first-parent", "--reverse", "main").split()


def point(path: Path, commit: str) -> None:
    """Make `commit` the tip of the default branch."""
    git(path, "update-ref", "refs/heads/main", commit)


_Tree = dict[bytes, tuple[str, bytes]]


def _stream(history: History) -> bytes:
    parts: list[bytes] = []
    trees: list[_Tree] = []
    tree: _Tree = {}
    when = START
    for number, commit in enumerate(history.commits):
        when += commit.seconds
        before = tree
        if commit.revert and len(trees) >= 2:
            tree = dict(trees[-2])
        else:
            tree = dict(tree)
            for edit in commit.edits:
                _apply(tree, edit)
        mark, parent = number * 2 + 2, number * 2
        if commit.merge and parent:
            parts.append(_commit(b"refs/heads/side", mark - 1, parent, None, when - 60, tree))
            parts.append(_commit(b"refs/heads/main", mark, parent, mark - 1, when, tree))
        else:
            parts.append(_commit(b"refs/heads/main", mark, parent or None, None, when, tree))
        trees.append(before)
    parts.append(b"reset refs/heads/side\nfrom 0000000000000000000000000000000000000000\n\n")
    return b"".join(parts) + b"done\n"


def _apply(tree: _Tree, edit: Edit) -> None:
    if edit.kind == "delete":
        tree.pop(edit.path, None)
        return
    path = edit.target if edit.kind == "move" else edit.path
    if edit.kind == "move":
        if edit.path not in tree or edit.path == path:
            return
        entry = tree.pop(edit.path)
    elif edit.kind == "link":
        entry = ("120000", edit.content)
    elif edit.kind == "module":
        entry = ("160000", b"1" * 40)
    else:
        entry = (edit.mode, edit.content)
    # A file and a folder cannot have the same name.
    for other in list(tree):
        if other.startswith(path + b"/") or path.startswith(other + b"/"):
            del tree[other]
    tree[path] = entry


def _commit(
    branch: bytes, mark: int, parent: int | None, second: int | None, when: int, tree: _Tree
) -> bytes:
    lines = [b"commit " + branch, b"mark :%d" % mark]
    lines.append(b"author Ada Example <ada@example.com> %d +0000" % when)
    lines.append(b"committer Ada Example <ada@example.com> %d +0000" % when)
    lines += [b"data 6", b"change"]
    if parent:
        lines.append(b"from :%d" % parent)
    if second:
        lines.append(b"merge :%d" % second)
    lines.append(b"deleteall")
    body = b"\n".join(lines) + b"\n"
    for path, (mode, content) in tree.items():
        name = b'"' + b"".join(_quoted(byte) for byte in path) + b'"'
        if mode == "160000":
            body += b"M 160000 " + content + b" " + name + b"\n"
        else:
            body += b"M %s inline %s\ndata %d\n" % (mode.encode(), name, len(content))
            body += content + b"\n"
    return body + b"\n"


def _quoted(byte: int) -> bytes:
    return b"\\%03o" % byte if byte < 0x20 or byte > 0x7E or byte in b'"\\' else bytes([byte])
