"""The owner files of a repository over its history: CODEOWNERS and catalogs, with their days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from headway.definition.catalog_info import owner_in
from headway.git.history import Change, list_tree, walk
from headway.git.objects import read_contents
from headway.progress.codeowners import MAX_BYTES
from headway.progress.ownership import CATALOG_PATHS, OWNER_PATHS
from headway.scan.chain import Chain, whole_chain
from headway.scan.job import Job, OwnerFiles
from headway.store.records import OwnerCursor, OwnerVersion
from headway.store.rows import day_of

_NAMES = {path.encode(): path for path in OWNER_PATHS}


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


def read_owner_files(job: Job, chain: Chain) -> OwnerFiles:
    """What the files say by the end of each day on which one of them changed.

    They are followed from the earliest day that any rule is followed from, whatever walk this is
    part of. Raises what reading git raises.
    """
    followed = _follow(job, chain)
    return OwnerFiles(_versions(job, followed), followed.afresh, followed.cursor)


def owner_contents(job: Job, chain: Chain) -> list[str]:
    """The blobs that `read_owner_files` reads."""
    return _follow(job, chain).contents


def _follow(job: Job, chain: Chain) -> _Followed:
    baseline = min(track.baseline for track in job.tracks)
    cursor = job.owner_cursor
    begin: int | None = None
    if cursor is not None and cursor.baseline <= baseline:
        begin = chain.known.get(cursor.commit)
        baseline = cursor.baseline
    afresh = begin is None
    blobs: dict[tuple[str, date | None], str | None] = {}
    if begin is None:
        chain = chain if chain.whole else whole_chain(job.git_dir, job.tip)
        place = chain.in_force_at_start_of(baseline)
        begin = -1 if place is None else place
        if begin >= 0:
            for change in _listed(job, chain.commits[begin]):
                blobs[change.path, None] = change.new
    if begin + 1 < len(chain.commits):
        after = chain.commits[begin] if begin >= 0 else chain.parent
        for step in walk(
            job.git_dir,
            job.tip,
            after,
            _NAMES.get,
            max_files=job.limits.max_files,
            paths=OWNER_PATHS,
        ):
            day = day_of(chain.times[chain.known[step.commit]], job.today)
            for change in step.changes:
                blobs[change.path, day] = change.new
    landed_at = chain.times[-1] if chain.times else cursor.landed_at if cursor else 0
    return _Followed(blobs, afresh, OwnerCursor(baseline, job.tip, landed_at))


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
