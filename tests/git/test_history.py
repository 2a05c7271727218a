"""The first-parent chain and the changes of each commit are read from git."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.git.history import Change, TooManyFilesError, list_tree, read_chain, walk
from headway.git.landing_times import in_force_before, in_order, landing_times, trusted_commits
from headway.git.path_encoding import text_of
from tests.support.git import Repo, git


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "repo")


def steps(repo: Repo, after: str | None = None) -> list[tuple[str, list[tuple[str, bool, bool]]]]:
    """Return the (author, changes) of each commit.

    A change is (path, existed before, exists after).
    """
    walked = walk(repo.path / ".git", repo.head, after, text_of, max_files=1000)
    return [
        (step.author, [(c.path, c.old is not None, c.new is not None) for c in step.changes])
        for step in walked
    ]


def test_a_merge_lands_its_side_branch_as_one_commit(repo: Repo) -> None:
    first = repo.commit("2026-01-01", {"a.py": "1"})
    repo.git("checkout", "-q", "-b", "side")
    repo.commit("2026-01-02", {"b.py": "1"})
    repo.git("checkout", "-q", "main")
    second = repo.commit("2026-01-03", {"a.py": "2"})
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "side", at="2026-01-04")
    chain = read_chain(repo.path / ".git", repo.head)
    assert chain.commits == [first, second, repo.head]
    assert steps(repo)[-1] == ("Ada Example", [("b.py", False, True)])
    walked = list(walk(repo.path / ".git", repo.head, None, text_of, max_files=1000))
    assert [step.credits_others for step in walked] == [False, False, True]


def test_a_co_author_may_be_credited_too(repo: Repo) -> None:
    repo.commit("2026-01-01", {"a.py": "1"})
    (repo.path / "a.py").write_text("2")
    message = "Change\n\nCo-authored-by: Grace <grace@example.com>"
    repo.git("commit", "-q", "-a", "-m", message, at="2026-01-02")
    walked = walk(repo.path / ".git", repo.head, None, text_of, max_files=10)
    assert [step.credits_others for step in walked] == [False, True]


def test_the_mailmap_of_the_last_commit_names_the_authors(repo: Repo) -> None:
    repo.commit("2026-01-01", {"a.py": "1"})
    assert steps(repo)[0][0] == "Ada Example"
    address = repo.git("show", "-s", "--format=%ae").strip()
    repo.commit("2026-01-02", {".mailmap": f"Countess Lovelace <{address}>\n"})
    assert {author for author, _ in steps(repo)} == {"Countess Lovelace"}


def test_a_rename_is_one_path_removed_and_one_added(repo: Repo) -> None:
    repo.commit("2026-01-01", {"a.py": "x" * 100})
    repo.git("mv", "a.py", "b.py")
    repo.commit("2026-01-02")
    assert steps(repo)[1][1] == [("a.py", True, False), ("b.py", False, True)]


def test_empty_commits_and_reverts_do_not_shift_changes(repo: Repo) -> None:
    # After two identical trees in a row, changes were once attributed to the wrong commit.
    repo.commit("2026-01-01", {"a.py": "1"})
    repo.commit("2026-01-02")
    changed = repo.commit("2026-01-03", {"a.py": "2"})
    repo.git("revert", "--no-edit", changed, at="2026-01-04")
    repo.commit("2026-01-05")
    walked = list(walk(repo.path / ".git", repo.head, None, text_of, max_files=10))
    assert [step.changes[0].path for step in walked] == ["a.py"] * 3
    assert walked[0].changes[0].new == walked[2].changes[0].new


def test_links_and_submodules_are_not_files(repo: Repo) -> None:
    repo.commit("2026-01-01", {"a.py": "1"})
    (repo.path / "link").symlink_to("a.py")
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},module")
    repo.git("add", "link")
    repo.git("commit", "-q", "-m", "odd", at="2026-01-02")
    odd = [change for _, changes in steps(repo)[1:] for change in changes]
    assert all(not before and not after for _, before, after in odd)
    listed = list_tree(repo.path / ".git", repo.head, text_of, max_files=10)
    assert [change.path for change in listed] == ["a.py"]


def test_a_file_that_becomes_a_link_is_removed(repo: Repo) -> None:
    repo.commit("2026-01-01", {"a.py": "1"})
    (repo.path / "a.py").unlink()
    (repo.path / "a.py").symlink_to("b")
    repo.commit("2026-01-02")
    assert steps(repo)[1][1] == [("a.py", True, False)]


def test_after_leaves_out_a_commit_and_its_ancestors(repo: Repo) -> None:
    first = repo.commit("2026-01-01", {"a.py": "1"})
    repo.commit("2026-01-02", {"b.py": "1"})
    assert steps(repo, after=first) == [("Ada Example", [("b.py", False, True)])]
    links = read_chain(repo.path / ".git", repo.head, after=first)
    assert (links.commits, links.parent) == ([repo.head], first)


@pytest.mark.fault(25)
def test_file_names_that_are_not_text(repo: Repo) -> None:
    blob = git(repo.path, "hash-object", "-w", "--stdin", stdin=b"x").strip()
    names = [b"-dash", b"caf\xe9", b"esc\x1b[31m", b"new\nline", b"tab\there", b"\x02start"]
    entries = b"".join(b"100644 blob " + blob.encode() + b"\t" + name + b"\0" for name in names)
    tree = git(repo.path, "mktree", "-z", stdin=entries).strip()
    commit = git(repo.path, "commit-tree", tree, "-m", "odd", at="2026-01-01").strip()
    git(repo.path, "update-ref", "refs/heads/main", commit)
    walked = list(walk(repo.path / ".git", commit, None, text_of, max_files=10))
    assert sorted(change.path for change in walked[0].changes) == sorted(map(text_of, names))
    listed = list_tree(repo.path / ".git", commit, text_of, max_files=10)
    assert sorted(change.path for change in listed) == sorted(map(text_of, names))


def test_too_many_files_are_an_error_not_a_partial_result(repo: Repo) -> None:
    repo.commit("2026-01-01", {f"{number}.py": "1" for number in range(5)})
    with pytest.raises(TooManyFilesError, match="more than 3 files"):
        list(list_tree(repo.path / ".git", repo.head, text_of, max_files=3))
    with pytest.raises(TooManyFilesError, match="more than 3 files"):
        list(walk(repo.path / ".git", repo.head, None, text_of, max_files=3))


def test_files_that_are_not_kept_are_left_out(repo: Repo) -> None:
    repo.commit("2026-01-01", {"a.py": "1", "b.txt": "1"})
    keep = {b"a.py": "a.py"}.get
    (step,) = walk(repo.path / ".git", repo.head, None, keep, max_files=10)
    assert [change.path for change in step.changes] == ["a.py"]
    assert isinstance(step.changes[0], Change)


@pytest.mark.parametrize(
    ("committed_at", "latest", "landed_at"),
    [
        ([], None, []),
        ([100, 200, 200], None, [100, 200, 200]),
        # A clock that is ahead or behind changes the landing time of only one commit.
        ([100, 900, 200, 300], None, [100, 100, 200, 300]),
        ([100, 200, 50, 300], None, [100, 200, 200, 300]),
        # If the times of two commits are in the wrong order, the later commit is trusted.
        ([100, 300, 200], None, [100, 100, 200]),
        # Commits before the first trusted commit land together with it.
        ([900, 800, 100, 200, 300], None, [100, 100, 100, 200, 300]),
        # Committer times after the scan cannot be correct.
        ([100, 900, 950], 500, [100, 100, 100]),
        ([900, 950, 100], 500, [100, 100, 100]),
        ([900, 950], 500, [500, 500]),
    ],
)
def test_commits_land_at_trusted_times(
    committed_at: list[int], latest: int | None, landed_at: list[int]
) -> None:
    assert landing_times(committed_at, latest) == landed_at


def naive_trusted_commits(committed_at: list[int], latest: int | None) -> list[int]:
    """Return the trusted commits by trying all subsequences."""
    indices = [index for index, time in enumerate(committed_at) if latest is None or time <= latest]
    for size in range(len(indices), 0, -1):
        ordered = [
            chosen
            for chosen in combinations(indices, size)
            if in_order([committed_at[index] for index in chosen])
        ]
        if ordered:
            return sorted(max(sorted(chosen, reverse=True) for chosen in ordered))
    return []


@given(st.lists(st.integers(0, 9), max_size=9), st.none() | st.integers(0, 9))
def test_trusted_commits_equal_those_of_a_naive_search(
    committed_at: list[int], latest: int | None
) -> None:
    assert trusted_commits(committed_at, latest) == naive_trusted_commits(committed_at, latest)


@given(st.lists(st.integers(0, 9), max_size=30), st.none() | st.integers(0, 9))
def test_landing_times_never_decrease(committed_at: list[int], latest: int | None) -> None:
    times = landing_times(committed_at, latest)
    assert len(times) == len(committed_at)
    assert times == sorted(times)
    for index in trusted_commits(committed_at, latest):
        assert times[index] == committed_at[index]


@given(
    st.lists(st.integers(0, 50), min_size=2, max_size=30),
    st.integers(-(10**12), 10**12),
    st.data(),
)
def test_one_wrong_clock_moves_no_other_commit(
    correct: list[int], wrong: int, data: st.DataObject
) -> None:
    correct = sorted(correct)
    position = data.draw(st.integers(0, len(correct) - 1))
    times = landing_times([*correct[:position], wrong, *correct[position:]], 60)
    # A time that is only slightly wrong may be trusted in place of a neighbouring commit's time.
    moved = [
        index
        for index, time in enumerate(times[:position] + times[position + 1 :])
        if time != correct[index]
    ]
    assert len(moved) <= 1
    if not correct[0] <= wrong <= correct[-1]:
        assert moved in ([], [0], [len(correct) - 1])


@given(st.lists(st.integers(0, 20), max_size=20), st.lists(st.integers(0, 20), max_size=9))
def test_commits_in_order_change_no_earlier_landing_time(
    earlier: list[int], later: list[int]
) -> None:
    before = landing_times(earlier)
    later = sorted(time for time in later if not before or time >= before[-1])
    assert landing_times(earlier + later) == before + later


@pytest.mark.parametrize(
    ("moment", "index"), [(99, None), (100, None), (101, 1), (200, 1), (201, 2)]
)
def test_the_commit_in_force_is_the_last_one_that_landed_before(
    moment: int, index: int | None
) -> None:
    assert in_force_before([100, 100, 200], moment) == index
