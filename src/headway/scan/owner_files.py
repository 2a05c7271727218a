"""Read the versions of CODEOWNERS and catalog-info.yaml from a repository's history."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from headway.config.catalog_info import owner_in
from headway.git.attributes import NAME
from headway.git.authors import MAILMAP
from headway.git.history import Change, list_tree, walk
from headway.git.objects import UnreadError, is_binary, read_each_content
from headway.git.path_encoding import text_of, with_stand_ins
from headway.model.store_records import OwnerCursor, OwnerVersion
from headway.progress.codeowners import MAX_BYTES
from headway.progress.path_owners import CATALOG_PATHS, OWNER_PATHS
from headway.scan.commit_chain import Chain, Horizon, whole_chain
from headway.scan.job import Job, OwnerFiles
from headway.scan.vendored_files import is_attribute_file
from headway.store.row_codec import day_of

_CATALOG_ENDS = tuple(f"/{name}" for name in CATALOG_PATHS)
_CATALOG_BYTES = tuple(end.encode() for end in _CATALOG_ENDS)
_PATHSPECS = (*OWNER_PATHS, *(f":(glob)**{end}" for end in _CATALOG_ENDS))
_ENDS = (*(path.rpartition("/")[2] for path in OWNER_PATHS), MAILMAP, NAME, f'{NAME}"')
"""The endings of paths that may have to be remembered. All other paths are skipped quickly."""
_NAMES = {path.encode(): path for path in OWNER_PATHS}
_SEEN_NAMES = _NAMES | {MAILMAP.encode(): MAILMAP, NAME.encode(): NAME}
_SEEN_ENDS = (*_CATALOG_BYTES, f"/{NAME}".encode())


def _owner_path(name: bytes) -> str | None:
    if name.endswith(_CATALOG_BYTES):
        return text_of(name)
    return _NAMES.get(name)


def _is_catalog(path: str) -> bool:
    return path in CATALOG_PATHS or path.endswith(_CATALOG_ENDS)


def _is_owner_file(path: str) -> bool:
    return path in _NAMES.values() or path.endswith(_CATALOG_ENDS)


class SeenOwnerFiles:
    """Remembers the owner files that a walk has seen, so that git need not list them again."""

    def __init__(self) -> None:
        self.first: int | None = None
        """The walk has seen all commits after this index. None if it has seen no commits."""
        self._trees: dict[int, list[Change]] = {}
        self._changed: list[tuple[int, Change]] = []
        self.mailmap_changed = False
        """Whether a commit changed `.mailmap`, which corrects the names of authors."""

    def keep_too(self, keep: Callable[[bytes], str | None]) -> Callable[[bytes], str | None]:
        """Return a function like `keep` that also selects owner files, mailmaps and attributes."""
        return lambda name: (
            keep(name) or (text_of(name) if name.endswith(_SEEN_ENDS) else _SEEN_NAMES.get(name))
        )

    def see_tree(self, index: int, changes: Iterable[Change]) -> Iterator[Change]:
        """Yield all files of a commit's tree, and remember its owner files."""
        found = []
        for change in changes:
            if change.path.endswith(_ENDS) and _is_owner_file(change.path):
                found.append(change)
            yield change
        self._trees[index] = found

    def see_commit(self, index: int, changes: Iterable[Change]) -> bool:
        """Remember the changes to owner files in a commit.

        Returns:
            Whether the commit changed a `.gitattributes` file.
        """
        changed_attributes = False
        for change in changes:
            if change.path.endswith(_ENDS):
                if change.path == MAILMAP:
                    self.mailmap_changed = True
                elif is_attribute_file(change.path):
                    changed_attributes = True
                elif _is_owner_file(change.path):
                    self._changed.append((index, change))
        return changed_attributes

    def in_tree(self, index: int) -> list[Change] | None:
        """Return the owner files in a commit's tree, or None if the walk did not read the tree."""
        return self._trees.get(index)

    def changed_after(self, index: int) -> list[tuple[int, Change]] | None:
        """Return (commit index, change) for changes after a commit, or None if some are unseen."""
        if self.first is None or self.first > index:
            return None
        return [(at, change) for at, change in self._changed if at > index]


@dataclass(frozen=True, slots=True)
class _Followed:
    """The versions of the owner files. Their contents have not been read yet."""

    blobs: dict[tuple[str, date | None], str | None]
    """Maps (path, day) to the blob ID, or to None for a deleted file. The day is None for files
    that exist at the baseline.
    """
    afresh: bool
    """Whether `blobs` contains all versions instead of only those after the cursor."""
    cursor: OwnerCursor

    @property
    def contents(self) -> list[str]:
        """The IDs of the blobs to read, without duplicates."""
        return list(dict.fromkeys(blob for blob in self.blobs.values() if blob is not None))


def read_owner_files(job: Job, chain: Chain, seen: SeenOwnerFiles) -> OwnerFiles:
    """Return the owner files at the end of each day on which any of them changed.

    Owner files are read from the earliest baseline of all rules, even if this walk begins later.

    Args:
        job: The job of the repository.
        chain: The commits of the walk.
        seen: The owner files that the walk has seen along this chain.

    Raises:
        GitError, UnreadableObjectError, TooManyFilesError: The repository could not be read.
    """
    followed = _follow(job, chain, seen)
    contents = dict(read_each_content(job.git_dir, followed.contents, max_bytes=MAX_BYTES))
    unread = tuple(error for error in contents.values() if isinstance(error, UnreadError))
    if unread and job.can_fetch:
        raise unread[0]
    cursor = followed.cursor
    if unread:
        # No walk has this baseline, so the next walk reads all owner files again.
        cursor = cursor._replace(baseline=date.max)
    return OwnerFiles(
        _versions(followed, contents), followed.afresh, cursor, _paths_of(followed, contents)
    )


def owner_contents(job: Job, chain: Chain) -> list[str]:
    """Return the IDs of the blobs that `read_owner_files` reads."""
    return _follow(job, chain, SeenOwnerFiles()).contents


def _follow(job: Job, chain: Chain, seen: SeenOwnerFiles) -> _Followed:
    baseline = min(track.baseline for track in job.tracks)
    cursor = job.owner_cursor
    begin: int | None = None
    if cursor is not None and cursor.baseline <= baseline and not _is_redated(job, chain, cursor):
        begin = chain.index_of.get(cursor.commit)
        baseline = cursor.baseline
    afresh = begin is None
    blobs: dict[tuple[str, date | None], str | None] = {}
    if begin is None:
        if not chain.whole:
            horizon = Horizon(job.today, job.latest)
            chain, seen = whole_chain(job.git_dir, job.tip, horizon), SeenOwnerFiles()
        baseline_index = chain.in_force_at_start_of(baseline)
        begin = -1 if baseline_index is None else baseline_index
        if begin >= 0:
            files = seen.in_tree(begin)
            for change in _in_tree(job, chain.commits[begin]) if files is None else files:
                blobs[change.path, None] = change.new
    changed = seen.changed_after(begin)
    for index, change in _changed_after(job, chain, begin) if changed is None else changed:
        blobs[change.path, day_of(chain.times[index], job.today)] = change.new
    landed_at = chain.times[-1] if chain.times else cursor.landed_at if cursor else 0
    return _Followed(blobs, afresh, OwnerCursor(baseline, job.tip, landed_at))


def _is_redated(job: Job, chain: Chain, cursor: OwnerCursor) -> bool:
    """Return whether this chain corrects or may correct a recorded landing time."""
    for track in job.tracks:
        reached = track.cursor
        if reached is not None and reached.commit == cursor.commit:
            before = chain.times_before(reached)
            deepened = reached.cut not in (None, chain.cut)
            return deepened or before is None or before != chain.times[: len(before)]
    return not chain.is_in_order


def _changed_after(job: Job, chain: Chain, begin: int) -> Iterator[tuple[int, Change]]:
    if begin + 1 >= len(chain.commits):
        return
    after = chain.commit_at(begin)
    limit = job.limits.max_files
    for step in walk(job.git_dir, job.tip, after, _owner_path, max_files=limit, paths=_PATHSPECS):
        for change in step.changes:
            yield chain.index_of[step.commit], change


def _in_tree(job: Job, commit: str) -> list[Change]:
    return list(list_tree(job.git_dir, commit, _owner_path, max_files=job.limits.max_files))


_Contents = Mapping[str, bytes | UnreadError | None]
"""Maps a blob ID to the content, the reason why it is unreadable, or None if it is too large."""


def _versions(followed: _Followed, contents: _Contents) -> tuple[OwnerVersion, ...]:
    """Return the readable versions. An unreadable version leaves the owners unchanged."""
    versions = []
    for (path, day), blob in followed.blobs.items():
        content = None if blob is None else contents[blob]
        if not isinstance(content, UnreadError):
            text = None if blob is None else _owner_text(path, content)
            versions.append(OwnerVersion(path, day, text))
    return tuple(versions)


def _paths_of(followed: _Followed, contents: _Contents) -> tuple[str, ...]:
    """Return the owner files that have an unreadable version."""
    unread = {
        path
        for (path, _), blob in followed.blobs.items()
        if blob is not None and isinstance(contents[blob], UnreadError)
    }
    return tuple(sorted(unread))


def _owner_text(path: str, content: bytes | None) -> str | None:
    """Return the stored form of an owner file: a catalog's owner, or the CODEOWNERS contents.

    Forges ignore a CODEOWNERS file that is binary or too large (None), but do not look for another
    one. Such a file is therefore stored as an empty string, without owners.
    """
    if _is_catalog(path):
        return None if content is None else owner_in(content.decode("utf-8", "replace"))
    return "" if content is None or is_binary(content) else with_stand_ins(content)
