"""Run jobs, and fetch missing contents of their mirrors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from headway.scan.job import Job, JobResult
from headway.scan.job_runner import Search, execute
from headway.scan.mirror_provider import MirrorProvider
from headway.scan.request import ScanRequest
from headway.scan.walk import walk_repository
from headway.workers.pool import Workers


def execute_on_mirrors(
    jobs: Sequence[Job],
    request: ScanRequest,
    mirrors: MirrorProvider,
    workers: Workers,
    search: Search = walk_repository,
) -> Iterator[JobResult]:
    """Run jobs and yield their results, except for mirrors that must be fetched again.

    If a mirror lacks blobs or is damaged, the blobs or the whole repository are fetched, and
    `mirrors.ready` yields the mirror again.
    """
    names = {job.repository: job.name for job in jobs}
    fetchable = {job.repository for job in jobs if job.can_fetch}
    for result in execute(jobs, request.scanner_files, workers, search):
        key = result.repository
        if result.missing:
            mirrors.fill(key, result.missing)
        elif result.damaged and mirrors.heal(key):
            request.progress.note(
                f"{names[key]}: the mirror is damaged; fetching the repository again"
            )
        elif result.damaged and key in fetchable:
            mirrors.give_up(key, "the mirror is damaged")
        else:
            mirrors.release(key)
            yield result
