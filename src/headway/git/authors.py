"""Look up the authors of changes in the first-parent chain.

The author of a merge is often a bot or a reviewer. The changes of a merge to a file are therefore
credited to the authors of the merged commits that changed the file. The `.mailmap` of a given
commit corrects names. The authors in `Co-authored-by:` trailers are included.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from headway.git.path_encoding import text_of
from headway.git.process import environment, run_git

MAILMAP = ".mailmap"

_IDS = re.compile(rb"[0-9a-f]{40,64}(?: [0-9a-f]{40,64})* ?")
_PERSON = re.compile(rb"[^<>\r\n]*<[^<>\r\n]*>")
Authors = tuple[str, ...]
"""Unique names. The author of the latest commit comes first."""

CO_AUTHORS = "%(trailers:key=Co-authored-by,valueonly=true,unfold=true,separator=%x03)"
"""A placeholder that makes `git log --format` list a commit's co-authors."""

_FORMAT = f"%x02%H%x00%P%x00%aN <%aE>%x00{CO_AUTHORS}%x00"


@dataclass(frozen=True, slots=True)
class _Commit:
    parents: tuple[str, ...]
    people: tuple[bytes, ...]
    """The author and co-authors, in the form `Name <address>`."""


def authors(
    git_dir: Path,
    tip: str,
    changed: Mapping[str, Collection[str]],
    *,
    after: str | None = None,
) -> dict[tuple[str, str], Authors]:
    """Return the authors of the changes that commits made to files.

    Args:
        git_dir: The git directory of the repository.
        tip: The commit whose `.mailmap` is used.
        changed: Maps first-parent commits to the paths to look up. The result omits missing
            commits.
        after: A first-parent commit before all commits in `changed`. None searches the whole
            history.

    Returns:
        The names by (commit, path).

    Raises:
        GitError: git failed.
    """
    if not changed:
        return {}
    env = mailmap_environment(tip)
    commits = _commits(git_dir, changed, env)
    merges = {commit: found for commit, found in commits.items() if len(found.parents) > 1}
    merged_commits: dict[tuple[str, str], list[str]] = {}
    if merges:
        details, merged_commits = _merged_changes(git_dir, merges, changed, after, env)
        commits |= details
    people = {
        (commit, path): list(
            dict.fromkeys(
                person
                for source in merged_commits.get((commit, path), [commit])
                for person in commits[source].people
            )
        )
        for commit in changed.keys() & commits.keys()
        for path in changed[commit]
    }
    co_authors = {person for found in commits.values() for person in found.people[1:]}
    names = _names(git_dir, co_authors, env)
    return {
        place: tuple(dict.fromkeys(names.get(person) or name_of(person) for person in found))
        for place, found in people.items()
    }


def _merged_changes(
    git_dir: Path,
    merges: Mapping[str, _Commit],
    changed: Mapping[str, Collection[str]],
    after: str | None,
    env: dict[str, str],
) -> tuple[dict[str, _Commit], dict[tuple[str, str], list[str]]]:
    """Return the non-merge commits that merges brought in.

    Returns:
        The commits by ID, and for each (merge, path) pair the IDs of the commits that changed the
        path.
    """
    brought = _brought_in(git_dir, merges, after)
    inner = {commit for found in brought.values() for commit in found}
    paths = {path for merge in merges for path in changed[merge]}
    details, files = _changes(git_dir, inner, paths, env)
    changing: dict[tuple[str, str], list[str]] = defaultdict(list)
    for merge, members in brought.items():
        for member in members:
            for path in files.get(member, set()) & set(changed[merge]):
                changing[merge, path].append(member)
    return details, changing


def mailmap_environment(tip: str) -> dict[str, str]:
    """Return an environment in which git reads only the `.mailmap` of the tip."""
    settings = (("mailmap.blob", f"{tip}:{MAILMAP}"), ("mailmap.file", "/dev/null"))
    # Without this variable, git would treat the current folder as a work tree and read its
    # `.mailmap`.
    bare = {"GIT_IMPLICIT_WORK_TREE": "0"}
    return environment((*settings, ("core.bare", "true"))) | bare


def _commits(git_dir: Path, ids: Iterable[str], env: dict[str, str]) -> dict[str, _Commit]:
    arguments = ["log", "--no-walk=unsorted", "--ignore-missing", "--stdin", "-s"]
    output = run_git(
        [*arguments, f"--format={_FORMAT}"], git_dir=git_dir, stdin=_lines(ids), env=env
    )
    return {commit: found for commit, found, _ in _parsed(output)}


def _changes(
    git_dir: Path, ids: Collection[str], paths: Collection[str], env: dict[str, str]
) -> tuple[dict[str, _Commit], dict[str, set[str]]]:
    """Return the given non-merge commits, and the members of `paths` that each commit changed."""
    if not ids:
        return {}, {}
    arguments = ["log", "--no-walk=unsorted", "--ignore-missing", "--stdin", "--no-merges", "-z"]
    arguments += ["--name-only", "--no-renames", f"--format={_FORMAT}"]
    output = run_git(arguments, git_dir=git_dir, stdin=_lines(ids), env=env)
    commits, files = {}, {}
    for commit, found, rest in _parsed(output):
        commits[commit] = found
        names = (text_of(name.removeprefix(b"\n")) for name in rest.split(b"\0") if name)
        files[commit] = {name for name in names if name in paths}
    return commits, files


def _parsed(output: bytes) -> Iterator[tuple[str, _Commit, bytes]]:
    """Yield (commit ID, commit, rest of the output) for each commit."""
    for record in output.split(b"\x02")[1:]:
        fields = record.split(b"\0", 4)
        if len(fields) < 5 or not _IDS.fullmatch(fields[0] + b" " + fields[1]):
            # A maliciously crafted name can contain the separator.
            continue
        commit, parents, author, trailers, rest = fields
        co_authors = [person.strip() for person in trailers.split(b"\x03") if person.strip()]
        yield (
            commit.decode("ascii"),
            _Commit(tuple(parents.decode("ascii").split()), (author, *co_authors)),
            rest,
        )


def _brought_in(
    git_dir: Path, merges: Mapping[str, _Commit], after: str | None
) -> dict[str, list[str]]:
    """Return the commits that each merge brought in, latest first.

    These are the ancestors of the merge that are not ancestors of the merge's first parent.
    """
    revisions = [*merges, f"^{after}"] if after is not None else list(merges)
    arguments = ["rev-list", "--topo-order", "--parents", "--ignore-missing", "--stdin"]
    output = run_git(arguments, git_dir=git_dir, stdin=_lines(revisions)).decode("ascii")
    parents = {}
    for line in output.splitlines():
        commit, *others = line.split()
        parents[commit] = others
    position = {commit: index for index, commit in enumerate(parents)}
    seen: set[str] = set()
    found = {}
    # Process earlier merges first, because a commit belongs to the earliest merge that brought it
    # in. Earlier merges have higher positions.
    for merge in sorted(merges.keys() & parents.keys(), key=lambda merge: -position[merge]):
        first, *others = parents[merge]
        _reach([first], parents, seen)
        found[merge] = sorted(_reach(others, parents, seen), key=position.__getitem__)
        seen.add(merge)
    return found


def _reach(
    starts: Sequence[str], parents: Mapping[str, Sequence[str]], seen: set[str]
) -> list[str]:
    """Return all reachable commits that are not in `seen`, and add them to `seen`."""
    reached = []
    waiting = list(starts)
    while waiting:
        commit = waiting.pop()
        if commit not in seen and commit in parents:
            seen.add(commit)
            reached.append(commit)
            waiting += parents[commit]
    return reached


def _names(git_dir: Path, people: Collection[bytes], env: dict[str, str]) -> dict[bytes, str]:
    """Map each person to a name, corrected by the `.mailmap`."""
    ordered = sorted(person for person in people if _PERSON.fullmatch(person))
    mapped = {}
    if ordered:
        arguments = ["check-mailmap", "--stdin"]
        output = run_git(arguments, git_dir=git_dir, stdin=b"\n".join([*ordered, b""]), env=env)
        mapped = dict(zip(ordered, output.splitlines(), strict=False))
    return {person: name_of(mapped.get(person, person)) for person in people}


def name_of(person: bytes) -> str:
    """Return `Ada` for `Ada <ada@example.com>`, or the address of a person without a name."""
    name, _, address = person.rpartition(b"<")
    return (name.strip() or address.strip(b"<> ")).decode("utf-8", "replace")


def _lines(words: Iterable[str]) -> bytes:
    return "".join(f"{word}\n" for word in sorted(words)).encode("ascii")
