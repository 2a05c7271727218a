"""Run a scanner on a work tree of the tip, in a child process with limits."""

from __future__ import annotations

import os
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from headway.git.attributes import Attributes
from headway.git.history import TooManyFilesError
from headway.git.objects import UnreadableObjectError
from headway.git.process import GitError
from headway.git.worktree import write_files
from headway.model.campaign import Rule
from headway.model.scope import compiled
from headway.progress.opening import Found, Spot
from headway.scan.bound_rule import BoundRule
from headway.scan.job import Job
from headway.scan.matching import Matcher
from headway.scan.spots import InvalidMatchError, check_match, spot_of, spot_order
from headway.scanner import Checkout, Options, RepositoryScanner
from headway.workers.contained_call import CallFailedError, CallLostError, call_contained
from headway.workers.sandbox import ProcessLimits


def find_at_tip(
    job: Job, bound: BoundRule, matcher: Matcher, index: int
) -> dict[str, Found] | None:
    """Find the matches of one rule in the files of the tip.

    Returns:
        The rule's matches by path. None if the files could not be read or the scanner failed. The
            matcher records the failure.

    Raises:
        GitError, UnreadableObjectError, TooManyFilesError: The files could not be read, but the job
            can fetch missing blobs.
    """
    scanner, rule = bound.scanner, bound.rule
    assert isinstance(scanner, RepositoryScanner)
    with tempfile.TemporaryDirectory(prefix="headway-tree-") as name:
        folder = Path(os.path.realpath(name))
        try:
            written = write_files(
                job.git_dir,
                job.tip,
                folder,
                max_files=job.limits.max_files,
                max_bytes=job.limits.max_text_bytes,
            )
        except (GitError, UnreadableObjectError, TooManyFilesError) as error:
            if job.can_fetch:
                raise
            matcher.fail(index, f"rule {rule.id}: {error}")
            return None
        checkout = Checkout(folder, job.name, job.tip, job.workspace)
        # Limit the processor time of each process, in case a descendant outlives the child. The
        # child itself reaches its timeout first, even if it uses every processor.
        processor_seconds = scanner.timeout_seconds * (os.cpu_count() or 1)
        limits = ProcessLimits(job.limits.memory_bytes, processor_seconds)
        try:
            found = call_contained(
                partial(_ask, scanner, bound.options, checkout), scanner.timeout_seconds, limits
            )
        except (CallFailedError, CallLostError) as error:
            reason = f"scanner {rule.scanner} failed: {error!s:.300}"
            matcher.fail(index, f"rule {rule.id}: {reason}")
            return None
    return _by_path(found, rule, frozenset(written), job.tip, matcher.attributes)


def _by_path(
    found: Mapping[str, tuple[Spot, ...]],
    rule: Rule,
    written: frozenset[str],
    tip: str,
    attributes: Attributes,
) -> dict[str, Found]:
    by_path = {}
    for path, spots in found.items():
        if path not in written:
            continue
        admitted = not rule.paths or compiled(rule.paths).match_file(path)
        if admitted and (rule.include_vendored or not attributes.excludes(path.encode())):
            by_path[path] = Found(tip, spots)
    return by_path


def _ask(
    scanner: RepositoryScanner[Options], options: Options, checkout: Checkout
) -> dict[str, tuple[Spot, ...]]:
    """Run the scanner in a child process, and return its matches by path."""
    found: dict[str, set[Spot]] = defaultdict(set)
    for returned in scanner.find_in(options, checkout):
        match = check_match(returned)
        if not match.path:
            raise InvalidMatchError(match, " instead of a Match with a path")
        found[str.__str__(match.path)].add(spot_of(match))
    return {path: tuple(sorted(spots, key=spot_order)) for path, spots in found.items()}
