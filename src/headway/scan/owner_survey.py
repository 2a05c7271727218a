"""Find the probable owners of repositories, for the teams.yaml that `headway init` writes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from headway.config.catalog_info import owner_in
from headway.git.authors import mailmap_environment
from headway.git.objects import UnreadError, is_binary, read_each_content
from headway.git.path_encoding import with_stand_ins
from headway.git.process import GitError, run_git
from headway.model.repository import Repository
from headway.progress.codeowners import MAX_BYTES
from headway.progress.path_owners import (
    CATALOG_PATHS,
    OWNER_PATHS,
    Decision,
    Owners,
    TeamList,
    codeowners_paths,
    own_name,
)

_MOST_COMMITS = 2_000
"""The maximum number of commits to count in one repository, latest first."""

_GIT_SECONDS = 20
_NOBODY = TeamList(())


@dataclass(frozen=True, slots=True)
class FoundOwner:
    """An owner named in CODEOWNERS or catalog files of the repositories."""

    name: str
    """The owner as written in the first file that names it, for example `@acme/payments`."""
    repositories: tuple[str, ...]
    """The names of the repositories whose files name this owner, in alphabetical order."""


@dataclass(frozen=True, slots=True)
class UnownedRepository:
    """A repository without an owner in any file, and its most active author."""

    name: str
    author: str | None
    """The author, or None if there were no commits in the period."""
    commits: int
    """The number of commits by this author."""
    total: int
    """The number of commits by all authors."""


@dataclass(frozen=True, slots=True)
class OwnerSurvey:
    """The probable owners of the repositories."""

    owners: tuple[FoundOwner, ...] = ()
    """The owners, sorted by number of repositories, largest first."""
    unowned: tuple[UnownedRepository, ...] = ()
    """The repositories without owners, sorted by name."""


def survey_owners(repositories: Iterable[Repository], since: date) -> OwnerSurvey:
    """Read the owners in the latest commits of local repositories.

    Only owners that would count as teams are included: the first owner in each line of CODEOWNERS,
    and the owner in the root's catalog-info.yaml. Repositories that git cannot read are omitted.

    Args:
        repositories: Local repositories. Their `clone_url` is the git directory.
        since: The first day of the commits whose authors are counted.
    """
    found: dict[str, list[str]] = defaultdict(list)
    spelled: dict[str, str] = {}
    unowned = []
    for repository in sorted(repositories, key=lambda repository: repository.name):
        if repository.tip is None:
            continue
        git_dir = Path(repository.clone_url)
        try:
            owners = _owners(git_dir, repository.tip, repository.name)
            authors = Counter() if owners else _authors(git_dir, repository.tip, since)
        except (GitError, UnreadError):
            continue
        for team, owner in owners.items():
            found[team].append(repository.name)
            spelled.setdefault(team, owner)
        if not owners:
            author = max(authors, key=authors.__getitem__, default=None)
            commits = authors[author] if author is not None else 0
            unowned.append(UnownedRepository(repository.name, author, commits, authors.total()))
    ordered = sorted(found.items(), key=lambda entry: (-len(entry[1]), entry[0]))
    return OwnerSurvey(
        tuple(FoundOwner(spelled[team], tuple(names)) for team, names in ordered), tuple(unowned)
    )


def _owners(git_dir: Path, tip: str, name: str) -> dict[str, str]:
    """Map the team name of each owner in the files at the tip to the spelling in the files."""
    texts = _owner_files(git_dir, tip)
    codeowners = next(
        ((path, texts[path]) for path in codeowners_paths(None) if path in texts), None
    )
    catalogs = ((path, owner_in(texts[path])) for path in CATALOG_PATHS if path in texts)
    catalog = next(((path, owner) for path, owner in catalogs if owner is not None), None)
    owners = Owners(_NOBODY, name, codeowners=codeowners, catalog_owner=catalog)
    decisions = [decision for _, decision in owners.by_pattern() if decision.owners]
    # Rules are in order of precedence, so the spelling in the first line of a file comes last and
    # is used.
    return {decision.team: _spelling(decision) for decision in decisions}


def _spelling(decision: Decision) -> str:
    """Return the owner that the rule counts as its team. Skip roles such as `@@maintainer`."""
    named = (owner for owner in decision.owners if own_name(owner) == decision.team)
    return next(named, decision.owners[0])


def _owner_files(git_dir: Path, tip: str) -> dict[str, str]:
    """Return the contents of the owner files at the tip, by path."""
    listed = run_git(["ls-tree", "-z", tip, "--", *OWNER_PATHS], git_dir=git_dir)
    blobs = dict(_blobs(listed))
    contents = read_each_content(git_dir, list(dict.fromkeys(blobs.values())), max_bytes=MAX_BYTES)
    readable = {
        blob: with_stand_ins(content)
        for blob, content in contents
        if isinstance(content, bytes) and not is_binary(content)
    }
    return {path: readable[blob] for path, blob in blobs.items() if blob in readable}


def _blobs(listed: bytes) -> Iterator[tuple[str, str]]:
    """Yield (path, blob ID) for each regular file in the output of `git ls-tree -z`."""
    for line in listed.split(b"\0"):
        described, _, path = line.partition(b"\t")
        if described.startswith(b"100"):
            yield path.decode(), described.split()[2].decode("ascii")


def _authors(git_dir: Path, tip: str, since: date) -> Counter[str]:
    """Count the latest commits by author, excluding bots."""
    options = ["--no-merges", f"--max-count={_MOST_COMMITS}", f"--since={since}T00:00:00Z"]
    output = run_git(
        ["log", *options, "--format=%aN", tip],
        git_dir=git_dir,
        env=mailmap_environment(tip),
        timeout=_GIT_SECONDS,
    )
    names = output.decode("utf-8", "replace").splitlines()
    return Counter(name for name in names if name and not name.endswith("[bot]"))
