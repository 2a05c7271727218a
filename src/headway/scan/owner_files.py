"""The owner files of a repository over its history: CODEOWNERS and catalogs, with their days."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from headway.config.catalog_info import owner_in
from headway.git.history import Change, list_tree, walk
from headway.git.objects import read_contents
from headway.model.store_records import OwnerCursor, OwnerVersion
from headway.progress.codeowners import MAX_BYTES
from headway.progress.path_owners import CATALOG_PATHS, OWNER_PATHS
from headway.scan.commit_chain import Chain, whole_chain
from headway.scan.job import Job, OwnerFiles
from headway.store.row_codec import day_of

_PATHS = frozenset(OWNER_PATHS)
_NAMES = {path.encode(): path for path in OWNER_PATHS}


class Passed:
    """What a walk came by of the owner files, which are then not looked for once more.

    first: index of the commit behind which it went along the chain; None when it did not.
    """

    def __init__(self) -> None:
        self.first: int | None = None
        self._listed: dict[int, list[Change]] = {}
        self._changed: list[tuple[int, Change]] = []

    def keeps(self, keep: Callable[[bytes], str | None]) -> Callable[[bytes], str | None]:
        """Keeps the owner files too."""
        return lambda name: keep(name) or _NAMES.get(name)

    def listing(self, place: int, changes: Iterable[Change]) -> Iterator[Change]:
        """The whole tree at the commit with this index, as it is gone through."""
        found = []
        for change in changes:
            if change.path in _PATHS:
                found.append(change)
            yield change
        self._listed[place] = found

    def step(self, place: int, changes: Iterable[Change]) -> None:
        """What the commit with this index has changed."""
        self._changed += [(place, change) for change in changes if change.path in _PATHS]

    def listed(self, place: int) -> list[Change] | None:
        """The owner files at a commit; None when it was not listed."""
        return self._listed.get(place)

    def changed_after(self, place: int) -> list[tuple[int, Change]] | None:
        """All changes of them behind a commit; None when not all were passed."""
        if self.first is None or self.first > place:
            return None
        return [each for each in self._changed if each[0] > place]


@dataclass(frozen=True, slots=True)
class _Followed:
    """blobs: by path and day (None: as it was at the baseline); None where the file is not."""

    blobs: dict[tuple[str, date | None], str | None]
    afresh: bool
    cursor: OwnerCursor

    @property
    def contents(self) -> list[str]:
        """What there is to read, each once."""
        return list(dict.fromkeys(blob for blob in self.blobs.values() if blob is not None))


def read_owner_files(job: Job, chain: Chain, passed: Passed) -> OwnerFiles:
    """What the files say by the end of each day on which one of them changed.

    They are followed from the earliest day that any rule is followed from, whatever walk this is
    part of. passed: what that walk came by, along the same chain. Raises what reading git raises.
    """
    followed = _follow(job, chain, passed)
    return OwnerFiles(_versions(job, followed), followed.afresh, followed.cursor)


def owner_contents(job: Job, chain: Chain) -> list[str]:
    """The blobs that `read_owner_files` reads."""
    return _follow(job, chain, Passed()).contents


def _follow(job: Job, chain: Chain, passed: Passed) -> _Followed:
    baseline = min(track.baseline for track in job.tracks)
    cursor = job.owner_cursor
    begin: int | None = None
    if cursor is not None and cursor.baseline <= baseline:
        begin = chain.index_of.get(cursor.commit)
        baseline = cursor.baseline
    afresh = begin is None
    blobs: dict[tuple[str, date | None], str | None] = {}
    if begin is None:
        if not chain.whole:
            chain, passed = whole_chain(job.git_dir, job.tip), Passed()
        place = chain.in_force_at_start_of(baseline)
        begin = -1 if place is None else place
        if begin >= 0:
            listed = passed.listed(begin)
            for change in _listed(job, chain.commits[begin]) if listed is None else listed:
                blobs[change.path, None] = change.new
    changed = passed.changed_after(begin)
    for place, change in _changed_after(job, chain, begin) if changed is None else changed:
        blobs[change.path, day_of(chain.times[place], job.today)] = change.new
    landed_at = chain.times[-1] if chain.times else cursor.landed_at if cursor else 0
    return _Followed(blobs, afresh, OwnerCursor(baseline, job.tip, landed_at))


def _changed_after(job: Job, chain: Chain, begin: int) -> Iterator[tuple[int, Change]]:
    if begin + 1 >= len(chain.commits):
        return
    after = chain.commit_at(begin)
    limit = job.limits.max_files
    for step in walk(job.git_dir, job.tip, after, _NAMES.get, max_files=limit, paths=OWNER_PATHS):
        for change in step.changes:
            yield chain.index_of[step.commit], change


def _listed(job: Job, commit: str) -> list[Change]:
    return list(
        list_tree(
            job.git_dir, commit, _NAMES.get, max_files=job.limits.max_files, paths=OWNER_PATHS
        )
    )


def _versions(job: Job, followed: _Followed) -> tuple[OwnerVersion, ...]:
    texts = {
        blob: content.decode("utf-8", "replace")
        for blob, content in read_contents(job.git_dir, followed.contents, max_bytes=MAX_BYTES)
        if content is not None
    }
    return tuple(
        OwnerVersion(path, day, _said(path, texts.get(blob) if blob is not None else None))
        for (path, day), blob in followed.blobs.items()
    )


def _said(path: str, text: str | None) -> str | None:
    if text is None or path not in CATALOG_PATHS:
        return text
    return owner_in(text)
