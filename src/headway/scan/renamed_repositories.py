"""Recognise local repositories that were renamed or moved within their source.

The key of a local repository contains its path. If the folder of a repository is gone, and the
history of a new repository contains the last commit of the old one, both are the same repository.
If the history was also rewritten, it must contain most of the commits that opened items.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from pathlib import Path

from headway.errors import CannotWriteError
from headway.forges.source import LookupSource, RemoteSource, Source
from headway.git.history import read_chain
from headway.git.mirrors import Mirrors
from headway.git.objects import UnreadableObjectError
from headway.git.process import GitError, run_git
from headway.model.repository import Listing, Repository
from headway.model.store_records import RepositoryRecord


def follow_renames(
    listing: Listing,
    known: Mapping[str, RepositoryRecord],
    source: Source,
    opening_commits: Callable[[Collection[str]], Mapping[str, AbstractSet[str]]],
) -> Listing:
    """Return the listing with the old keys for renamed local repositories.

    Args:
        listing: The listing of one source.
        known: Repositories that earlier scans listed, by key.
        source: The source. It reports whether the old folders are gone.
        opening_commits: Returns the commits that opened items, by repository key.
    """
    if not listing.definite or not listing.complete or isinstance(source, RemoteSource):
        return listing
    new = [entry for entry in listing.repositories if entry.key not in known and entry.tip]
    listed = {entry.key for entry in listing.repositories}
    listed |= {entry.key for entry in listing.unlisted}
    missing = [
        record.listed
        for key, record in known.items()
        if record.listed.source == listing.source
        and record.gone_on is None
        and record.listed.tip
        and key not in listed
    ]
    if not new or not missing or not isinstance(source, LookupSource):
        return listing
    answers = source.look_up([entry.key for entry in missing])
    gone = [entry for entry in missing if answers[entry.key].departure is not None]
    former = _former_keys(gone, new, opening_commits) if gone else {}
    return replace(
        listing,
        repositories=tuple(
            replace(entry, key=former.get(entry.key, entry.key)) for entry in listing.repositories
        ),
        notes={former.get(key, key): note for key, note in listing.notes.items()},
    )


def _former_keys(
    gone: Sequence[Repository],
    new: Sequence[Repository],
    opening_commits: Callable[[Collection[str]], Mapping[str, AbstractSet[str]]],
) -> dict[str, str]:
    """Map the keys of new repositories to their old keys, if these are certain."""
    recorded = opening_commits([entry.key for entry in gone])
    pairs = [(entry.key, former) for entry in new for former in _contained(entry, gone, recorded)]
    uses = Counter(key for pair in pairs for key in pair)
    return {key: former for key, former in pairs if uses[key] == uses[former] == 1}


def _contained(
    repository: Repository,
    others: Sequence[Repository],
    recorded: Mapping[str, AbstractSet[str]],
) -> Iterator[str]:
    """Yield the keys of those other repositories whose history this repository contains."""
    assert repository.tip is not None
    with tempfile.TemporaryDirectory(prefix="headway-") as folder:
        try:
            original = Path(repository.clone_url)
            mirror = Mirrors(Path(folder)).borrow("local/1", original, repository.tip)
            commits = frozenset(read_chain(mirror, repository.tip).commits)
        except (CannotWriteError, GitError, UnreadableObjectError):
            return
        for other in others:
            known = recorded.get(other.key, frozenset())
            if 2 * len(known & commits) > len(known):
                yield other.key  # This also holds after a force push that rewrote the last commits.
                continue
            try:
                arguments = ["merge-base", "--is-ancestor", str(other.tip), repository.tip]
                run_git(arguments, git_dir=mirror)
            except GitError:
                continue  # Git fails if the commit is missing or is not an ancestor.
            yield other.key
