"""Objects whose type or content does not match their ID are errors."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest

from headway.git.history import TooManyFilesError, read_chain, read_tree, walk
from headway.git.object_check import object_checker
from headway.git.objects import BlobReader, UnreadableObjectError, read_each_text
from headway.git.path_encoding import text_of
from headway.git.process import GitError
from tests.support.git import Repo, git


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "repo")
    for day in range(1, 5):
        repo.commit(f"2026-01-0{day}", {f"src/{day}.py": f"import six  # {day}\n"})
    return repo


def loose(repo: Repo, identity: str) -> Path:
    path = repo.path / ".git" / "objects" / identity[:2] / identity[2:]
    path.chmod(0o600)
    return path


def put(repo: Repo, identity: str, kind: str, content: bytes) -> None:
    """Replace the type and content of an object, but not its ID."""
    header = f"{kind} {len(content)}\0".encode("ascii")
    loose(repo, identity).write_bytes(zlib.compress(header + content))


def identity_of(repo: Repo, name: str) -> str:
    return repo.git("rev-parse", name).strip()


@pytest.mark.fault(36)
@pytest.mark.parametrize(("kind", "content"), [("blob", b""), ("blob", b"x" * 99), ("tree", b"")])
@pytest.mark.parametrize("limit", [10, 1000])
def test_another_object_in_place_of_a_file_is_an_error(
    repo: Repo, kind: str, content: bytes, limit: int
) -> None:
    wrong, right = (identity_of(repo, f"HEAD:src/{number}.py") for number in (1, 2))
    put(repo, wrong, kind, content)
    read = dict(read_each_text(repo.path / ".git", [wrong, right], max_bytes=limit))
    assert "does not match its ID" in str(read[wrong])
    assert "does not match its ID" not in str(read[right])
    reader = BlobReader(repo.path / ".git", max_bytes=limit)
    with pytest.raises(UnreadableObjectError, match="does not match its ID"):
        reader.read(wrong)
    reader.close()


@pytest.mark.fault(36)
def test_another_commit_in_place_of_a_commit_is_an_error(repo: Repo) -> None:
    second, first = identity_of(repo, "HEAD~2"), identity_of(repo, "HEAD~3")
    loose(repo, second).write_bytes(loose(repo, first).read_bytes())
    with pytest.raises(UnreadableObjectError, match=f"{second[:12]} .*does not match its ID"):
        read_chain(repo.path / ".git", repo.head)


@pytest.mark.fault(36)
@pytest.mark.parametrize("name", ["HEAD~1^{tree}", "HEAD~1:src"])
def test_another_tree_in_place_of_a_tree_is_an_error(repo: Repo, name: str) -> None:
    wrong, other = identity_of(repo, name), identity_of(repo, name.replace("HEAD~1", "HEAD~2"))
    loose(repo, wrong).write_bytes(loose(repo, other).read_bytes())
    git_dir, head = repo.path / ".git", repo.head
    for after in (None, identity_of(repo, "HEAD~1")):
        with pytest.raises(UnreadableObjectError, match=f"{wrong[:12]} .*does not match its ID"):
            list(walk(git_dir, head, after, text_of, max_files=10))
    # Git itself checks some trees.
    with pytest.raises((UnreadableObjectError, GitError), match=f"{wrong[:12]}|hash mismatch"):
        read_tree(git_dir, identity_of(repo, "HEAD~1"), max_files=10)


@pytest.mark.fault(36)
def test_a_damaged_commit_graph_is_ignored(repo: Repo) -> None:
    repo.git("commit-graph", "write", "--reachable")
    graph = repo.path / ".git" / "objects" / "info" / "commit-graph"
    graph.chmod(0o600)
    content = graph.read_bytes()
    tree = bytes.fromhex(identity_of(repo, "HEAD^{tree}"))
    # In a commit-graph file, the position of the first parent follows the ID of the tree.
    place = content.index(tree) + len(tree)
    first = content.index(bytes.fromhex(identity_of(repo, "HEAD~3"))) - content.index(
        min(bytes.fromhex(identity_of(repo, f"HEAD~{number}")) for number in range(4))
    )
    position = (first // len(tree)).to_bytes(4)
    graph.write_bytes(content[:place] + position + content[place + 4 :])
    assert len(git(repo.path, "rev-list", "--first-parent", "HEAD").split()) == 2
    assert len(read_chain(repo.path / ".git", repo.head).commits) == 4


def test_a_missing_or_cut_off_object_is_an_error(repo: Repo) -> None:
    missing, damaged = "1" * 40, identity_of(repo, "HEAD^{tree}")
    loose(repo, damaged).write_bytes(loose(repo, damaged).read_bytes()[:-6])
    for identity, reason in ((missing, "git has no such object"), (damaged, "cannot be read")):
        with (
            pytest.raises(UnreadableObjectError, match=f"{identity[:12]}.*{reason}"),
            object_checker(repo.path / ".git") as checker,
        ):
            checker.check([identity], b"tree")


def test_sha256_objects_are_checked(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--object-format=sha256", "repo")
    folder = tmp_path / "repo"
    (folder / "a.py").write_text("import six\n")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "change")
    head = git(folder, "rev-parse", "HEAD").strip()
    assert read_chain(folder / ".git", head).commits == [head]
    (step,) = walk(folder / ".git", head, None, text_of, max_files=10)
    assert [change.path for change in step.changes] == ["a.py"]
    blob = str(step.changes[0].new)
    assert dict(read_each_text(folder / ".git", [blob], max_bytes=99)) == {blob: b"import six\n"}


@pytest.mark.parametrize("levels", [3, 12])
def test_folders_without_files_count_as_files(repo: Repo, levels: int) -> None:
    """The listing of a tree of nested folders, ten on each level, stops early."""
    tree = git(repo.path, "mktree", stdin=b"").strip()
    for _ in range(levels):
        lines = "".join(f"040000 tree {tree}\t{name}\n" for name in range(10))
        tree = git(repo.path, "mktree", stdin=lines.encode()).strip()
    commit = git(repo.path, "commit-tree", "-m", "bomb", tree).strip()
    with pytest.raises(TooManyFilesError):
        read_tree(repo.path / ".git", commit, max_files=1000)
    if levels > 3:
        return  # Git keeps all changes of a commit in memory before it lists them.
    with pytest.raises(TooManyFilesError):
        list(walk(repo.path / ".git", commit, None, text_of, max_files=1000))
