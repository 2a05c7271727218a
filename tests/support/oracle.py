"""Facts about commits from git itself, with which tests compare Headway's results."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path

from headway.git.path_encoding import bytes_of, text_of
from tests.support.git import ENVIRONMENT, git


def grep(
    git_dir: Path, commit: str, pattern: str, paths: Sequence[str] = ()
) -> Counter[tuple[str, int]]:
    """Return the (path, line number) pairs that `git grep` finds in one commit's text files.

    Args:
        git_dir: The git directory of the repository.
        commit: The ID of the commit to search.
        pattern: A Perl-compatible regular expression.
        paths: Git pathspecs that limit the search; empty means all files.
    """
    done = subprocess.run(
        [
            "git",
            f"--git-dir={git_dir}",
            "grep",
            "-P",
            "-n",
            "-z",
            "-I",
            "--full-name",
            "-e",
            pattern,
            commit,
            "--",
            *paths,
        ],
        capture_output=True,
        env=ENVIRONMENT,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    found: Counter[tuple[str, int]] = Counter()
    rest = done.stdout
    while rest:
        name, _, rest = rest.partition(b"\0")
        number, _, rest = rest.partition(b"\0")
        _, _, rest = rest.partition(b"\n")
        found[text_of(name.removeprefix(commit.encode() + b":")), int(number)] += 1
    return found


def grep_texts(
    git_dir: Path, commit: str, pattern: str, paths: Sequence[str] = ()
) -> Counter[tuple[str, str]]:
    """Return the (path, line content) pairs that `git grep` finds in one commit's text files.

    Invalid UTF-8 and NUL characters are escaped. For the arguments, see `grep`.
    """
    found: Counter[tuple[str, str]] = Counter()
    contents: dict[str, list[str]] = {}
    for (path, number), count in grep(git_dir, commit, pattern, paths).items():
        if path not in contents:
            shown = subprocess.run(
                [
                    "git",
                    f"--git-dir={git_dir}",
                    "cat-file",
                    "blob",
                    commit.encode() + b":" + bytes_of(path),
                ],
                capture_output=True,
                env=ENVIRONMENT,
                check=True,
            ).stdout
            text = shown.decode("utf-8", "backslashreplace").replace("\0", "\\x00")
            contents[path] = text.split("\n")
        found[path, contents[path][number - 1]] += count
    return found


def regular_files(git_dir: Path, commit: str) -> set[str]:
    """Return the paths of all regular files in one commit."""
    listed = git(git_dir, "ls-tree", "-r", "-z", commit).encode("utf-8", "surrogateescape")
    return {
        text_of(entry.split(b"\t", 1)[1])
        for entry in listed.split(b"\0")
        if entry.startswith(b"100")
    }


def in_force(git_dir: Path, chain: Sequence[str], day: date) -> int:
    """Return the index of the last commit in a chain that landed before `day`, or 0 if none.

    This slow implementation follows the definition of landing times step by step. The trusted
    committer times are a longest non-decreasing subsequence of all committer times. Of several such
    subsequences, the one with the later commits is used.
    """
    times = [int(git(git_dir, "show", "-s", "--format=%ct", commit)) for commit in chain]
    lengths: list[int] = []
    for number, moment in enumerate(times):
        before = [lengths[other] for other in range(number) if times[other] <= moment]
        lengths.append(max(before, default=0) + 1)
    trusted: set[int] = set()
    wanted, highest = max(lengths), max(times)
    for number in reversed(range(len(times))):
        if lengths[number] == wanted and times[number] <= highest:
            trusted.add(number)
            wanted, highest = wanted - 1, times[number]
    midnight = int(datetime.combine(day, time(), UTC).timestamp())
    index = 0
    landed = times[min(trusted)]
    for number in range(len(times)):
        landed = times[number] if number in trusted else landed
        if landed < midnight:
            index = number
    return index
